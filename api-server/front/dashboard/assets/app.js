// The page: who is logged in, where they are, and the view of that place.
import { html, render, useEffect, useRef, useState } from "./htm/htm-preact.js";
import { isAdmin, logIn, storedSession, storeSession } from "./api.js";
import { Cloud } from "./cloud.js";
import { DaemonsView } from "./daemons.js";
import { FaultsView } from "./faults.js";
import { FleetView } from "./fleet.js";
import { LaunchesView } from "./launches_view.js";
import { ServerView } from "./server.js";
import { ServersView } from "./servers.js";
import { Refusal, useCall, useCloud } from "./ui.js";

// In the order of the menu. What a member may not see by the API is not there for it.
const VIEWS = [
  { name: "launches", title: "Launches", view: LaunchesView },
  { name: "servers", title: "Servers", view: ServersView },
  { name: "fleet", title: "Fleet", view: FleetView, admin: true },
  { name: "faults", title: "Faults", view: FaultsView, admin: true },
  { name: "daemons", title: "Daemons", view: DaemonsView, admin: true },
];

// "#/servers/ID" is {name: "servers", rest: "ID"}.
function placeOf(hash) {
  const [, name = "", rest = ""] = /^#\/([a-z]*)\/?(.*)$/.exec(hash) ?? [];
  return { name: name || "launches", rest: decodeURIComponent(rest) };
}

function usePlace() {
  const [place, setPlace] = useState(placeOf(location.hash));
  useEffect(() => {
    const moved = () => setPlace(placeOf(location.hash));
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return place;
}

function LogIn({ reason, onLogIn }) {
  const [busy, refusal, begin] = useCall();
  const first = useRef(null);
  useEffect(() => first.current.focus(), []);
  const submit = (event) => {
    event.preventDefault();
    const { user, password, project } = event.target.elements;
    begin(async () => onLogIn(await logIn(user.value, password.value, project.value || user.value)));
  };
  return html`<main class="login">
    <h1>kilonova</h1>
    <p>An OpenStack Nova control plane, simulated on one machine.</p>
    ${reason ? html`<p class="notice" role="status">${reason}</p>` : ""}
    <form onSubmit=${submit}>
      <label>User <input name="user" autocomplete="username" required ref=${first} /></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required /></label>
      <label>Project <input name="project" placeholder="the user's name" /></label>
      <button disabled=${busy}>Log in</button>
      <${Refusal} text=${refusal} />
    </form>
    <p class="hint">A cloud on loopback begins with the users admin and demo, each with a project of its name.</p>
  </main>`;
}

const STATES = { connecting: "Connecting", reading: "Reading", live: "Live" };

function Header({ cloud, place, onLogOut }) {
  useCloud(cloud);
  const { session } = cloud;
  const shown = VIEWS.filter((view) => !view.admin || cloud.admin);
  return html`<header>
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <span class="brand">kilonova</span>
    <nav aria-label="Views">
      ${shown.map(
        (view) => html`<a
          key=${view.name}
          href="#/${view.name}"
          aria-current=${view.name === place.name ? "page" : undefined}
          >${view.title}</a
        >`,
      )}
    </nav>
    <span class="connection ${cloud.state}" role="status" title=${cloud.why}>${STATES[cloud.state]}</span>
    <span class="who">${session.user} in ${session.project}</span>
    <button class="quiet" onClick=${() => onLogOut("")}>Log out</button>
  </header>`;
}

// The address is a place of the page: the skip link only moves the focus.
function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

function Page({ cloud, onLogOut }) {
  const place = usePlace();
  const found = VIEWS.find((view) => view.name === place.name && (!view.admin || cloud.admin));
  const title = found?.title ?? "Nothing here";
  useEffect(() => {
    document.title = `${title} - kilonova`;
  }, [title]);
  let view = html`<p>There is no such view${isAdmin(cloud.session) ? "" : " for your role"}.</p>`;
  if (found) view = html`<${found.view} key=${found.name} cloud=${cloud} />`;
  if (found?.name === "servers" && place.rest) view = html`<${ServerView} key=${place.rest} cloud=${cloud} id=${place.rest} />`;
  return html`
    <${Header} cloud=${cloud} place=${place} onLogOut=${onLogOut} />
    <main id="main" tabindex="-1">${view}</main>
    <footer>
      Made with <a href="/dashboard/assets/htm/LICENSE">htm</a>,${" "}
      <a href="/dashboard/assets/htm/LICENSE.preact">Preact</a> and <a href="/dashboard/assets/uplot/LICENSE">uPlot</a>.
    </footer>
  `;
}

function App() {
  const [session, setSession] = useState(storedSession);
  const [reason, setReason] = useState("");
  const [cloud, setCloud] = useState(null);
  const leave = (why) => {
    storeSession(null);
    setReason(why);
    setSession(null);
  };
  useEffect(() => {
    if (!session) return undefined;
    const opened = new Cloud(session, (why) => leave(`You were logged out: ${why}`));
    setCloud(opened);
    opened.run();
    return () => {
      opened.close();
      setCloud(null);
    };
  }, [session]);
  const enter = (entered) => {
    storeSession(entered);
    setReason("");
    setSession(entered);
  };
  if (!session) return html`<${LogIn} reason=${reason} onLogIn=${enter} />`;
  return cloud ? html`<${Page} cloud=${cloud} onLogOut=${leave} />` : "";
}

const root = document.getElementById("app");
root.replaceChildren();
render(html`<${App} />`, root);
