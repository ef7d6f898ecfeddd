"""Conditions on rows, as in "regularizer = 'l2' AND mean - se > 0.9": the same words on SQLite and Postgres.

    condition = both ("OR" both)*                       sum     = product (("+" | "-") product)*
    both      = not ("AND" not)*                        product = sign (("*" | "/") sign)*
    not       = "NOT" not | compared                    sign    = "-" sign | value
    compared  = sum ["NOT"] "IN" "(" sum ("," sum)* ")" value   = number | 'text' | column | "abs" "(" sum ")"
              | sum ["NOT"] "BETWEEN" sum "AND" sum             | "(" condition ")"
              | sum ["NOT"] "LIKE" sum
              | sum "IS" ["NOT"] "NULL"
              | sum ("=" | "<>" | "<" | "<=" | ">" | ">=") sum

It is SQL's own notation, parsed here because the databases differ in what they make of it: whether LIKE minds capitals,
what a number is next to a text, 7 / 2. Nothing that was given becomes part of a statement but as a bound value.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, DateTime, Double, Integer, and_, cast, func, literal, not_, or_
from sqlalchemy.types import TypeDecorator, TypeEngine

from regsearch.errors import QueryError, nearest

FIELD = "where"
MOST_OPERATORS = 100  # each may nest one level deeper, and SQLAlchemy goes down all levels at once
NUMBER, TEXT, TIME, TRUTH = "a number", "text", "a time", "a condition"

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|'(?P<text>(?:[^']|'')*)'"
    r'|(?P<word>[A-Za-z_]\w*)|"(?P<quoted>[^"]+)"|(?P<sign><=|>=|<>|!=|==|[-+*/()=<>,]))'
)
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "==": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda left, right: left / func.nullif(right, 0.0, type_=Double()),  # by 0: nothing, no error on Postgres
}
_WORDS = ("AND", "OR", "NOT", "IN", "IS", "NULL", "BETWEEN", "LIKE", "ABS")


@dataclass(frozen=True, kw_only=True)
class _Token:
    kind: str  # number, text, word, quoted, sign, end
    text: str
    at: int

    def __str__(self) -> str:
        return "its end" if self.kind == "end" else f"{self.text!r} (character {self.at + 1})"


@dataclass(frozen=True, kw_only=True)
class _Term:
    kind: str
    sql: ColumnElement[Any]
    given: str | None = None  # the text of a literal, which may still turn out to be a time


def condition(text: str, columns: Mapping[str, ColumnElement[Any]]) -> ColumnElement[bool]:
    """Return a condition as SQL.

    Args:
        text: what the user wrote.
        columns: what may be named in it.

    Raises:
        QueryError: it is none, or names another column; the message says where.
    """
    return _Parser(text, columns).whole()


def known_column(field: str, name: str, columns: Iterable[str]) -> str:
    """Return the name if there is such a column.

    Raises:
        QueryError: there is none; the message names the nearest and all of them.
    """
    names = list(columns)
    if name not in names:
        raise QueryError(field, f"there is no column {name!r}{nearest(name, names)}; columns are {', '.join(names)}")
    return name


class _Parser:
    def __init__(self, text: str, columns: Mapping[str, ColumnElement[Any]]) -> None:
        self._columns = columns
        self._tokens = _tokens(text)
        self._next = 0

    def whole(self) -> ColumnElement[bool]:
        found = self._truth(self._condition())
        if self._token.kind != "end":
            self._expected("AND, OR or the end")
        return found

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, *texts: str) -> str | None:
        """Return and go past the next token if it is one of these signs or words."""
        token = self._token
        said = token.text.upper() if token.kind == "word" else token.text
        if token.kind not in ("sign", "word") or said not in texts:
            return None
        self._next += 1
        return said

    def _must(self, text: str) -> None:
        if not self._take(text):
            self._expected(text)

    def _expected(self, what: str) -> NoReturn:
        _refuse(f"expected {what}, got {self._token}")

    def _condition(self) -> _Term:
        return self._joined(lambda: self._joined(self._not, "AND", and_), "OR", or_)

    def _joined(self, part: Callable[[], _Term], word: str, join: Callable[..., ColumnElement[bool]]) -> _Term:
        first = part()
        parts = [first]
        while self._take(word):
            parts.append(part())
        return first if len(parts) == 1 else _Term(kind=TRUTH, sql=join(*map(self._truth, parts)))

    def _not(self) -> _Term:
        return _Term(kind=TRUTH, sql=not_(self._truth(self._not()))) if self._take("NOT") else self._compared()

    def _compared(self) -> _Term:
        left = self._sum()
        if sign := self._take(*_COMPARISONS):
            return _Term(kind=TRUTH, sql=_COMPARISONS[sign](*_alike(left, self._sum())))
        if self._take("IS"):
            negated = self._take("NOT")
            self._must("NULL")
            return _Term(kind=TRUTH, sql=left.sql.is_not(None) if negated else left.sql.is_(None))
        negated = self._take("NOT")
        found = self._one_of(left)
        if found is None:
            return self._expected("IN, BETWEEN or LIKE") if negated else left
        return _Term(kind=TRUTH, sql=not_(found) if negated else found)

    def _one_of(self, left: _Term) -> ColumnElement[bool] | None:
        if self._take("BETWEEN"):
            low = self._sum()
            self._must("AND")
            (value, least), (_, most) = _alike(left, low), _alike(left, self._sum())
            return and_(value >= least, value <= most)
        if self._take("LIKE"):
            pattern = self._sum()
            if {left.kind, pattern.kind} != {TEXT}:
                _refuse("LIKE compares text with a pattern in quotes, as in '%kernel%'")
            return left.sql.ilike(pattern.sql)
        if self._take("IN"):
            self._must("(")
            choices = [self._sum()]
            while self._take(","):
                choices.append(self._sum())
            self._must(")")
            return or_(*(operator.eq(*_alike(left, choice)) for choice in choices))
        return None

    def _sum(self) -> _Term:
        return self._calculated(lambda: self._calculated(self._sign, "*", "/"), "+", "-")

    def _calculated(self, part: Callable[[], _Term], *signs: str) -> _Term:
        found = part()
        while sign := self._take(*signs):
            found = _number(_ARITHMETIC[sign](_operand(found, sign), _operand(part(), sign)))
        return found

    def _sign(self) -> _Term:
        return _number(-_operand(self._sign(), "-")) if self._take("-") else self._value()

    def _value(self) -> _Term:
        token = self._token
        if self._take("("):
            inside = self._condition()
            self._must(")")
            return inside
        if self._take("ABS"):
            self._must("(")
            inside = _number(func.abs(_operand(self._sum(), "abs"), type_=Double()))
            self._must(")")
            return inside
        if token.kind in ("sign", "end") or (token.kind == "word" and token.text.upper() in _WORDS):
            self._expected("a column, a number or 'text'")
        self._next += 1
        if token.kind == "number":
            return _number(literal(float(token.text), Double()))
        if token.kind == "text":
            return _Term(kind=TEXT, sql=literal(token.text), given=token.text)
        return self._column(token.text)

    def _column(self, name: str) -> _Term:
        column = self._columns[known_column(FIELD, name, self._columns)]
        return _Term(kind=_kind(column.type), sql=column)

    def _truth(self, term: _Term) -> ColumnElement[bool]:
        if term.kind != TRUTH:
            _refuse(f"is no condition but {term.kind}; it may be as in \"regularizer = 'l2' AND mean > 0.9\"")
        return term.sql


def _tokens(text: str) -> list[_Token]:
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            rest = text[at:].lstrip()
            _refuse(f"cannot be read from {rest[:20]!r} (character {len(text) - len(rest) + 1}) on")
        kind = str(match.lastgroup)
        said = match[kind].replace("''", "'") if kind == "text" else match[kind]
        found.append(_Token(kind=kind, text=said, at=match.start(kind)))
        at = match.end()
    if sum(token.kind in ("sign", "word") and token.text != "," for token in found) > MOST_OPERATORS:
        _refuse(f"is too long; it may have {MOST_OPERATORS} words and signs")
    return [*found, _Token(kind="end", text="", at=at)]


def _kind(type_: TypeEngine[Any]) -> str:
    bare = type_.impl_instance if isinstance(type_, TypeDecorator) else type_
    return NUMBER if isinstance(bare, Integer | Double) else TIME if isinstance(bare, DateTime) else TEXT


def _number(sql: Any) -> _Term:
    return _Term(kind=NUMBER, sql=sql)


def _operand(term: _Term, sign: str) -> ColumnElement[Any]:
    if term.kind != NUMBER:
        _refuse(f"{sign} wants numbers, got {term.kind}")
    return term.sql if isinstance(term.sql.type, Double) else cast(term.sql, Double())


def _alike(left: _Term, right: _Term) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return both sides of a comparison, which must be of one kind; text next to a time is one."""
    if (left.kind, right.kind) == (TIME, TEXT) and right.given is not None:
        return left.sql, literal(_time(right.given), left.sql.type)
    if (left.kind, right.kind) == (TEXT, TIME):
        time, text = _alike(right, left)
        return text, time
    if left.kind != right.kind or left.kind == TRUTH:
        hint = "; text stands in quotes, numbers without" if {left.kind, right.kind} == {TEXT, NUMBER} else ""
        _refuse(f"cannot compare {left.kind} with {right.kind}{hint}")
    return left.sql, right.sql


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        _refuse(f"{text!r} is no time; it may be as in '2026-01-31' or '2026-01-31T15:00:00+01:00'")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _refuse(problem: str) -> NoReturn:
    raise QueryError(FIELD, problem)
