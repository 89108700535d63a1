"""Finds function bodies and lambda coroutines in C++ without a compiler: braces, and what stands before them.

It reads code whose comments and literals are blanked (SourceFile.code), formatted by clang-format.
"""

import re

# What opens a block that is no function.
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
CONTROL = re.compile(r"^(\}?\s*)?(else|do|try|if|for|while|switch|catch|case|default|return|co_return|co_await|co_yield|requires)\b")
# The end of a function's head: parameters, then qualifiers, a return type, or member initialisers.
HEAD = re.compile(r"\)\s*(const|noexcept(\([^)]*\))?|override|final|mutable|&&?|try|->\s*[\w:<>,&*\s\[\]()]+|\s)*$")
NAME = re.compile(r"([~\w:]+|operator\s*\S{1,3})\s*\(")
LAMBDA = re.compile(r"\[(?P<captures>[^\[\]]+)\]\s*(\((?:[^()]|\([^()]*\))*\))?\s*(mutable|noexcept|->\s*[\w:<>,&*\s]+|\s)*\{")
SUSPENDS = re.compile(r"\bco_(await|return|yield)\b")


def matching_brace(code, opening):
    depth = 0
    for match in re.compile(r"[{}]").finditer(code, opening):
        depth += 1 if match.group(0) == "{" else -1
        if depth == 0:
            return match.start()
    return len(code)


def head_before(code, brace):
    """The declaration before a brace: back to the end of the statement or block before it, outside parentheses."""
    depth, start = 0, 0
    for index in range(brace - 1, -1, -1):
        c = code[index]
        if c == ")":
            depth += 1
        elif c == "(":
            depth -= 1
        elif depth == 0 and c in ";{}":
            # `: member_{value}` is a part of a constructor's head.
            if c == "}" and re.match(r"\s*(,|\{|$)", code[index + 1 : brace]):
                depth_braces = 1
                while index > 0 and depth_braces:
                    index -= 1
                    depth_braces += {"}": 1, "{": -1}.get(code[index], 0)
                return head_before(code, index) + code[index:brace]
            start = index + 1
            break
    return code[start:brace]


def is_function(head):
    head = re.sub(r"^\s*#.*$", "", head, flags=re.M).strip()
    head = re.sub(r"^((public|private|protected)\s*:\s*)+", "", head)
    head = re.sub(r"^template\s*<[^{}]*?>\s*(?=[\w\[])", "", head)
    if not head or CONTROL.match(head) or not NAME.search(head):
        return False
    before = head[: head.index("(")]
    if SCOPE.search(before) and not re.search(r"\)\s*[^()]*$", head):
        return False
    if re.search(r"[^=!<>]=\s*[^=]", before) and "operator" not in before:
        return False  # an initialiser, or a lambda bound to a name
    return bool(HEAD.search(head)) or bool(re.search(r"\)\s*(noexcept\s*)?:\s*[\w:<>]+\s*[({]", head))


def function_bodies(code):
    """(line, lines, name) of each outermost function body; a lambda counts as a part of its function."""
    found, position = [], 0
    while True:
        brace = code.find("{", position)
        if brace < 0:
            return found
        head = head_before(code, brace)
        if is_function(head) and not opens_initialiser(head, code, brace):
            end = matching_brace(code, brace)
            name = NAME.search(head)
            lines = code.count("\n", brace, end) + 1
            found.append((code.count("\n", 0, brace) + 1, lines, name.group(1) if name else "?"))
            position = end + 1
        else:
            position = brace + 1


def opens_initialiser(head, code, brace):
    """`Constructor(...) : member_{value}`: the brace after a member's name is not the body."""
    return bool(re.search(r"\)\s*(noexcept\s*)?:[^;]*[\w>]$", head.rstrip())) and code[brace - 1] != " "


def lambda_coroutines(code):
    """Lines of lambdas that capture something and suspend in their own body, not in one of a lambda inside."""
    found = []
    for match in LAMBDA.finditer(code):
        body = code[match.end() : matching_brace(code, match.end() - 1)]
        while True:
            inner = re.search(r"\[[^\[\]]*\]\s*(\((?:[^()]|\([^()]*\))*\))?\s*(mutable|noexcept|->\s*[\w:<>,&*\s]+|\s)*\{", body)
            if not inner:
                break
            body = body[: inner.start()] + body[matching_brace(body, inner.end() - 1) + 1 :]
        if SUSPENDS.search(body):
            found.append(code.count("\n", 0, match.start()) + 1)
    return found
