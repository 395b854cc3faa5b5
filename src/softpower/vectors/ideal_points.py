"""Ideal points: where states stand on the one dimension that explains most of how they vote, session by session.

States walk at random from session to session; questions put again in later sessions keep their cuts and slope, which
makes the sessions' scales one. Positions and questions are improved in turn until positions stand still. Errors come
from simulation: votes are drawn from the fitted model and fitted anew, which tells how far estimates stray from a known
truth in each session, the weak links between early sessions included.

The scale is that of the positions themselves: over all states and sessions their mean is 0 and their standard deviation
1. Its direction is fixed by an anchor that stands above zero.

References
----------
Bailey, Strezhnev & Voeten (2017), Estimating dynamic state preferences from United Nations voting data, Journal of
Conflict Resolution 61(2).
Martin & Quinn (2002), Dynamic ideal point estimation via Markov chain Monte Carlo for the US Supreme Court, Political
Analysis 10(2) (the random walk).
Nesterov (1983), A method of solving a convex programming problem with convergence rate O(1/k^2), Soviet Mathematics
Doklady 27 (the momentum of the search).
Imai, Lo & Olmsted (2016), Fast estimation of ideal points with massive data, APSR 110(4) (intervals by simulation).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors import chains, ordinal
from softpower.vectors.ordinal import Ballots, Questions

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Progress = Callable[[str], None]

# Variance of a state's step from one session to the next, in units of the spread of all positions.
STEP: Final = 0.05
# Variance of a state's first position: wide, so that the votes decide.
FIRST: Final = 4.0
# Done when positions move by less, root mean square, from one round to the next.
STILL: Final = 0.001
MAX_ROUNDS: Final = 60
# Rounds before the search gathers speed, and the largest share of a move that is repeated.
_SLOW: Final = 4
_MOMENTUM: Final = 0.9
# No position moves further in one round.
_LEAP: Final = 1.0
SIMULATIONS: Final = 3
Z90: Final = 1.6448536269514722


@dataclass(frozen=True, eq=False)
class IdealPoints:
    """Positions by session and state.

    Attributes
    ----------
    point : shape (session, state); NaN where the state cast no ballot that counts
    error : standard error of each, of the same shape
    moved : by how much the last round moved positions, root mean square
    rounds : how many rounds were made
    """

    point: Array
    error: Array
    moved: float
    rounds: int

    def interval(self) -> tuple[Array, Array]:
        """Ends of the 90% intervals."""
        return self.point - Z90 * self.error, self.point + Z90 * self.error


@dataclass(frozen=True, eq=False)
class Votes:
    """Ballots with their question and session.

    Attributes
    ----------
    state, session, question : codes from 0, shape (ballot,); sessions count every session, held or not
    answer : 0 yes, 1 abstain, 2 no, shape (ballot,)
    states, sessions : how many codes there are
    """

    state: Ints
    session: Ints
    question: Ints
    answer: Ints
    states: int
    sessions: int

    def contested(self) -> Votes:
        """Without the questions on which all cast the same ballot: they tell nothing of positions."""
        kinds = np.zeros((int(self.question.max(initial=-1)) + 1, 3), dtype=bool)
        kinds[self.question, self.answer] = True
        kept = kinds[self.question].sum(axis=1) > 1
        columns = (self.state[kept], self.session[kept], self.question[kept], self.answer[kept])
        return Votes(*columns, self.states, self.sessions)

    def ballots(self) -> Ballots:
        """As columns sorted by question; a place is a state in a session."""
        _, question = np.unique(self.question, return_inverse=True)
        place = self.session * self.states + self.state
        order = np.lexsort((place, question))
        return Ballots(self.answer[order], question[order], place[order], self.sessions * self.states)


def ideal_points(
    votes: Votes,
    *,
    anchor: int,
    step: float = STEP,
    simulations: int = SIMULATIONS,
    seed: int = 0,
    tell: Progress = lambda _: None,
) -> IdealPoints:
    """Positions of all states in all sessions on one scale, with standard errors.

    Parameters
    ----------
    votes : ballots; a question put in several sessions has one code
    anchor : code of the state whose positions lie above zero on average
    step : variance of a step between sessions, in units of the variance of all positions
    simulations : how many sets of votes are drawn and fitted anew for the errors; with 0 they are those that would
        hold if the questions were known, which are too small

    Raises
    ------
    NotEnoughData
        Fewer than three states, or no question on which they differ.
    BadRequest
        The anchor never voted.
    """
    votes = votes.contested()
    ballots = votes.ballots()
    shape = (votes.sessions, votes.states)
    seen = np.zeros(shape, dtype=bool)
    seen.ravel()[ballots.place] = True
    if len(votes.answer) == 0 or seen.any(axis=0).sum() < 3:
        raise NotEnoughData("ideal points need three states or more and a question on which they differ")
    if not seen[:, anchor].any():
        raise BadRequest("the anchor of the scale never voted on a contested question; name another state")
    fit = _fit(ballots, seen, first_positions(votes, anchor=anchor), step=step, tell=tell)
    spread = np.ones(votes.sessions)
    if simulations:
        random = np.random.default_rng(seed)
        missed = np.zeros(votes.sessions)
        for number in range(simulations):
            tell(f"votes simulated {number + 1} of {simulations}")
            missed += _missed(ballots, seen, fit, random, anchor=anchor, step=step) / simulations
        spread = np.sqrt(np.maximum(missed, 1.0))
    sign = np.sign(fit.x[:, anchor][seen[:, anchor]].mean())
    point = np.where(seen, sign * fit.x, np.nan)
    error = np.where(seen, np.sqrt(fit.variance) * spread[:, None], np.nan)
    return IdealPoints(point, error, fit.moved, fit.rounds)


def first_positions(votes: Votes, *, anchor: int) -> Array:
    """Positions by the first singular vector of each session's votes: fast, on a scale of each session's own.

    Returns
    -------
    array, shape (session, state)
        Root mean square 1 in each session, 0 where a state did not vote; the sign is that of the session before, and
        the anchor stands above zero on average.
    """
    x = np.zeros((votes.sessions, votes.states))
    for session in np.unique(votes.session):
        here = votes.session == session
        state, answer = votes.state[here], votes.answer[here]
        _, question = np.unique(votes.question[here], return_inverse=True)
        table = np.full((question.max() + 1, votes.states), np.nan)
        table[question, state] = answer
        table = np.nan_to_num(table - np.nanmean(table, axis=1, keepdims=True))
        vector = np.linalg.svd(table, full_matrices=False)[2][0]
        size = np.sqrt((vector[np.unique(state)] ** 2).mean())
        vector = vector / size if size > 0 else vector
        before = x[session - 1] if session else x[session]
        agrees = float(before @ vector) or float(vector[anchor])
        x[session] = -vector if agrees < 0 else vector
    return -x if x[:, anchor].sum() < 0 else x


@dataclass(frozen=True, eq=False)
class _Fit:
    x: Array
    variance: Array
    questions: Questions
    precision: Array
    moved: float
    rounds: int


def _fit(
    ballots: Ballots,
    seen: Flags,
    x: Array,
    *,
    step: float,
    tell: Progress = lambda _: None,
) -> _Fit:
    """Positions and questions improved in turn until positions stand still."""
    questions = ordinal.first_questions(ballots)
    last_x, last_questions = x, questions
    variance, precision, moved, rounds, pace = np.zeros_like(x), np.zeros_like(x), np.inf, 0, 1.0
    while moved > STILL and rounds < MAX_ROUNDS:
        rounds += 1
        # What moves slowest are the scales of whole sessions: each round starts further on than the last ended.
        faster = (1 + (1 + 4 * pace**2) ** 0.5) / 2
        share = min((pace - 1) / faster, _MOMENTUM) if rounds > _SLOW else 0.0
        pace = faster if rounds > _SLOW else 1.0
        ahead, asked = x + share * (x - last_x), questions.beyond(last_questions, share)
        last_x, last_questions, before = x, questions, moved
        questions = ordinal.improved(ballots, asked, ahead.ravel())
        first, second = (part.reshape(x.shape) for part in ordinal.pull(ballots, questions, ahead.ravel()))
        new, variance = chains.smooth(second, first + second * ahead, step=step, first=FIRST)
        new = ahead + np.clip(new - ahead, -_LEAP, _LEAP)
        middle, sd = float(new[seen].mean()), float(new[seen].std())
        x, variance, precision = (new - middle) / sd, variance / sd**2, second * sd**2
        questions = questions.scaled(middle, sd)
        moved = float(np.sqrt(((x - ahead)[seen] ** 2).mean()))
        if moved > before:
            pace = 1.0  # it overshot
        tell(f"round {rounds}: positions moved by {moved:.4f}")
    return _Fit(x, variance, questions, precision, moved, rounds)


def _missed(
    ballots: Ballots, seen: Flags, fit: _Fit, random: np.random.Generator, *, anchor: int, step: float
) -> Array:
    """Mean square of (estimate less truth) over the stated variance, by session, where the truth is known.

    The truth is a new random walk that lies and spreads in each session as the fit does. A draw around the fit would be
    too easy to find again: the fit has the session scales that make all steps smallest, which no truth need have.
    """
    truth = _walks(fit, seen, random, step=step)
    again = ordinal.answers(ballots, fit.questions, truth.ravel(), random)
    session, state = np.divmod(again.place, seen.shape[1])
    begin = first_positions(
        Votes(state, session, again.question, again.answer, seen.shape[1], len(seen)), anchor=anchor
    )
    begin = begin if (begin * truth)[seen].sum() > 0 else -begin  # either end may be up
    found = _fit(again, seen, begin, step=step)
    square = np.where(seen, (found.x - truth) ** 2 / found.variance, 0.0)
    voters = seen.sum(axis=1)
    mean: Array = np.divide(square.sum(axis=1), voters, out=np.ones(len(voters)), where=voters > 0)
    return mean


def _walks(fit: _Fit, seen: Flags, random: np.random.Generator, *, step: float) -> Array:
    """Walks of all states with the variance that the model supposes, on the scale of the fit in each session."""
    walk = random.standard_normal(fit.x.shape)
    for session in range(1, len(walk)):
        walk[session] = np.sqrt(1 - step) * walk[session - 1] + np.sqrt(step) * walk[session]
    some = seen.any(axis=1)
    middle, sd = np.zeros(len(walk)), np.ones(len(walk))
    middle[some] = [fit.x[t][seen[t]].mean() for t in np.flatnonzero(some)]
    sd[some] = [fit.x[t][seen[t]].std() for t in np.flatnonzero(some)]
    truth = middle[:, None] + sd[:, None] * walk
    centred: Array = (truth - truth[seen].mean()) / truth[seen].std()
    return centred
