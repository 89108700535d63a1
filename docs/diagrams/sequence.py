"""Draws who says what to whom, from top to bottom: a lifeline for each, a row for each message and event."""

from dataclasses import dataclass

from picture import Picture, badge_width, text_width

WIDTH = 900
TOP = 54  # where lifelines begin, below the names


@dataclass
class Heading:
    text: str
    height = 42


@dataclass
class Message:
    sender: str
    receiver: str
    name: str
    detail: str = ""
    count: int = 0       # its number among those that are counted
    step: str = ""       # the step of the launch that goes with it
    colour: str = "ink"
    aside: bool = False  # not one of those that are counted
    beside: bool = False  # in the row of the message before it

    @property
    def height(self):
        return 0 if self.beside else 30


@dataclass
class Event:
    where: str
    text: str
    step: str = ""
    colour: str = "blue"
    commit: bool = False

    height = 24


def draw_sequence(title, description, lifelines, rows):
    height = TOP + sum(row.height for row in rows) + 62
    picture = Picture(WIDTH, height, title, description)
    draw_lifelines(picture, lifelines, height - 50)
    at = {name: x for name, (x, _) in lifelines.items()}
    y = TOP
    for row in rows:
        y += row.height
        DRAWN[type(row)](picture, at, row, y)
    draw_legend(picture, 20, height - 18)
    return picture


def draw_lifelines(picture, lifelines, bottom):
    for x, words in lifelines.values():
        picture.line((x, 48), (x, bottom), colour="edge", thin=True)
        width = max(text_width(word, "bold") for word in words) + 12
        picture.box(x - width / 2, 12, width, 40)
        for line, word in enumerate(words):
            picture.text(x, 36 + 14 * line - 7 * (len(words) - 1), word, "bold", anchor="middle")


def draw_heading(picture, at, heading, y):
    picture.box(12, y - 25, WIDTH - 24, 26)
    picture.text(24, y - 8, heading.text, "bold")


def draw_message(picture, at, message, y):
    start, end = at[message.sender], at[message.receiver]
    colour = "muted" if message.aside else message.colour
    picture.arrow((start, y), (end, y), colour=colour, thin=message.aside, dashed=message.aside or colour == "red")
    left = min(start, end) + 8
    if message.step:
        picture.badge(start, y, message.step)
        left += 6 if start < end else 0
    if message.count:
        picture.badge(left + 7, y - 10, str(message.count), "green", square=True)
        left += 20
    picture.text(left, y - 6, message.name, "small", colour, halo=True, detail=message.detail)


def draw_event(picture, at, event, y):
    x = at[event.where]
    if event.step:
        picture.badge(x, y - 6, event.step, event.colour, hollow=event.colour != "red")
    else:
        picture.dot(x, y - 6)
    words = x + 6 + (badge_width(event.step) / 2 if event.step else 8)
    colour = "red" if event.colour == "red" else "ink"
    picture.text(words, y - 2, event.text, "bold" if event.commit else "small", colour, halo=True)


def draw_legend(picture, x, y):
    picture.badge(x + 9, y - 4, "1", "green", square=True)
    picture.text(x + 26, y, "a message, counted", "small", "muted")
    picture.badge(x + 180, y - 4, "1")
    picture.text(x + 196, y, "a step that goes with a message", "small", "muted")
    picture.badge(x + 425, y - 4, "4", hollow=True)
    picture.text(x + 441, y, "a step inside a daemon", "small", "muted")
    picture.arrow((x + 610, y - 4), (x + 640, y - 4), colour="muted", thin=True, dashed=True)
    picture.text(x + 648, y, "not counted: clients, batches", "small", "muted")


DRAWN = {Heading: draw_heading, Message: draw_message, Event: draw_event}
