"""Every exercise of every lesson: its solution is right, each mistake is told apart, and nothing else passes."""

import ast
import copy

import numpy as np
import pytest

from convhelpers.check import Raised, judge, result_of
from convhelpers.exercises import LESSONS
from convhelpers.feedback import Status

EXERCISES = [
    pytest.param(exercise, id=f"{lesson[:2]} {exercise.title}")
    for lesson, module in LESSONS.items()
    for exercise in module.EXERCISES
]
MISTAKES = [
    pytest.param(exercise, sentence, wrong, id=f"{lesson[:2]} {wrong.__name__}")
    for lesson, module in LESSONS.items()
    for exercise in module.EXERCISES
    for sentence, wrong in exercise.mistakes
]
OF_VALUES = [parameters for parameters in EXERCISES if parameters.values[0].cases is None]
OF_FUNCTIONS = [parameters for parameters in EXERCISES if parameters.values[0].cases is not None]
# Function exercises of which no right result has fractions to cut off.
WITHOUT_FRACTIONS = {"How many rows", "Which kernel can tell"}
WITH_FRACTIONS = [parameters for parameters in OF_FUNCTIONS if parameters.values[0].title not in WITHOUT_FRACTIONS]
# Mistakes that give the same in every case because that is what they name.
CONSTANT = {"can_tell_always"}
# Mutants that compute the same as the solution they are made of, by exercise: (what stands there, what replaced it).
EQUIVALENT = {
    "Which kernel can tell": [("(::-1, ::-1)", "(::-1, ::-1)")],  # two equal slices, exchanged
}


def answer_of(code):
    """Run a solution as a cell of a lesson, which has NumPy as np; return what its last statement gives a name to."""
    tree, names = ast.parse(code), {"np": np}
    exec(compile(tree, "<solution>", "exec"), names)
    last = tree.body[-1]
    return names[last.name if isinstance(last, ast.FunctionDef) else last.targets[0].id]


def wrong_answer(exercise, wrong):
    return wrong if exercise.cases else wrong()


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_solution_is_right(exercise):
    feedback = exercise.check(answer_of(exercise.solution_code))
    assert feedback.status is Status.RIGHT, feedback
    assert exercise.because in feedback.message


@pytest.mark.parametrize(("exercise", "sentence", "wrong"), MISTAKES)
def test_a_known_mistake_is_told_by_its_own_sentence(exercise, sentence, wrong):
    feedback = exercise.check(wrong_answer(exercise, wrong))
    assert (feedback.status, feedback.message) == (Status.KNOWN_MISTAKE, sentence)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_no_two_mistakes_share_a_sentence(exercise):
    sentences = [sentence for sentence, _ in exercise.mistakes]
    assert len(set(sentences)) == len(sentences) >= 3


@pytest.mark.parametrize("exercise", EXERCISES)
def test_blank_is_not_attempted(exercise):
    def blank(*arguments): ...

    for answer in (..., *([blank] if exercise.cases else [])):
        assert exercise.check(answer).status is Status.NOT_ATTEMPTED


@pytest.mark.parametrize("exercise", OF_VALUES)
def test_no_near_miss_of_a_value_is_the_right_one(exercise):
    for _, wrong in exercise.mistakes:
        assert judge(wrong(), exercise.right())[0] is not Status.RIGHT
        assert judge(exercise.right(), wrong())[0] is not Status.RIGHT


@pytest.mark.parametrize("exercise", OF_FUNCTIONS)
def test_every_near_miss_of_a_function_gives_another_result_somewhere(exercise):
    for _, wrong in exercise.mistakes:
        told_apart = 0
        for case in exercise.cases:
            result = result_of(wrong, case)
            assert not isinstance(result, Raised) or isinstance(result.error, (IndexError, ValueError))
            told_apart += judge(result, exercise.right(*copy.deepcopy(case)))[0] is not Status.RIGHT
        assert told_apart > 0, wrong.__name__


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_wrong_answer_that_is_not_listed_is_wrong(exercise):
    def off(*arguments):
        right = exercise.right(*arguments)
        if isinstance(right, (bool, np.bool_)):
            return "maybe"
        if isinstance(right, str):
            return f"not {right}"
        return tuple(size + 1000 for size in right) if isinstance(right, tuple) else right + 1000

    feedback = exercise.check(off if exercise.cases else off())
    assert feedback.status in (Status.WRONG, Status.WRONG_KIND)
    assert exercise.because not in feedback.message


@pytest.mark.parametrize("exercise", OF_FUNCTIONS)
def test_a_function_that_is_wrong_in_one_case_alone_is_wrong(exercise):
    def off_in(case):
        def off(*arguments):
            right = exercise.right(*arguments)
            if not all(map(np.array_equal, arguments, case)):
                return right
            return not right if isinstance(right, (bool, np.bool_)) else right + 1000

        return off

    for case in exercise.cases:
        assert exercise.check(off_in(case)).status is Status.WRONG


@pytest.mark.parametrize("exercise", WITH_FRACTIONS)
def test_an_answer_that_cuts_fractions_off_is_never_right(exercise):
    feedback = exercise.check(lambda *arguments: np.asarray(exercise.right(*arguments)).astype(int))
    assert feedback.status is Status.KNOWN_MISTAKE
    assert feedback.message == "Your output holds whole numbers only, so fractions are cut off."


@pytest.mark.parametrize("exercise", OF_FUNCTIONS)
def test_no_mistake_gives_the_same_in_every_case(exercise):
    """Else a function that returns a constant would be told of a mistake that it does not make."""
    for _, wrong in exercise.mistakes:
        first, *others = [result_of(wrong, copy.deepcopy(case)) for case in exercise.cases]
        changes = isinstance(first, Raised) or not all(np.array_equal(first, other) for other in others)
        assert changes == (wrong.__name__ not in CONSTANT), wrong.__name__


@pytest.mark.parametrize("exercise", OF_VALUES)
def test_feedback_on_a_value_does_not_tell_the_right_one(exercise):
    right = repr(exercise.right())
    told = [exercise.task, exercise.hint().message, *(sentence for sentence, _ in exercise.mistakes)]
    for text in told:
        assert right not in text.replace(",", " , ").split()
        assert not isinstance(exercise.right(), tuple) or right not in text


@pytest.mark.parametrize("exercise", OF_FUNCTIONS)
def test_a_function_that_spoils_its_arguments_spoils_no_later_case(exercise):
    def spoiler(*arguments):
        right = exercise.right(*copy.deepcopy(arguments))
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                argument[...] = 99
        return right

    before = copy.deepcopy(exercise.cases)
    assert exercise.check(spoiler).status is Status.RIGHT
    for case, kept in zip(exercise.cases, before, strict=True):
        assert all(map(np.array_equal, case, kept))


# Mutants of the solutions


class Mutator(ast.NodeTransformer):
    """Changes the place number `place` of a program, counted over all ways in which a place can be changed."""

    def __init__(self, place):
        self.place, self.seen, self.what = place, 0, None

    def _turn(self, node, *others):
        for other in others:
            self.seen += 1
            if self.seen == self.place + 1:
                other = ast.fix_missing_locations(ast.copy_location(other, node))
                self.what = (ast.unparse(node), ast.unparse(other))
                return other
        return node

    def visit_Constant(self, node):
        if type(node.value) is not int:
            return node
        return self._turn(node, ast.Constant(node.value + 1), ast.Constant(node.value - 1))

    def visit_BinOp(self, node):
        self.generic_visit(node)
        others = {
            ast.Add: [ast.Sub],
            ast.Sub: [ast.Add],
            ast.Mult: [ast.Add, ast.MatMult],
            ast.FloorDiv: [ast.Div],
            ast.MatMult: [ast.Mult],
        }.get(type(node.op), [])
        return self._turn(node, *(ast.BinOp(node.left, other(), node.right) for other in others))

    def visit_Call(self, node):
        self.generic_visit(node)
        if ast.unparse(node.func) != "np.zeros":
            return node
        whole = ast.keyword("dtype", ast.Name("int", ast.Load()))
        return self._turn(node, ast.Call(node.func, node.args, [whole]))

    def visit_Tuple(self, node):
        self.generic_visit(node)
        if len(node.elts) < 2 or not isinstance(node.ctx, ast.Load):
            return node
        return self._turn(node, ast.Tuple([node.elts[1], node.elts[0], *node.elts[2:]], ast.Load()))

    def visit_Attribute(self, node):
        self.generic_visit(node)
        return self._turn(node, node.value) if node.attr == "T" else node

    def visit_Slice(self, node):
        self.generic_visit(node)
        turned = ast.Slice(None, None, ast.UnaryOp(ast.USub(), ast.Constant(1)))
        return node if node.step else self._turn(node, turned)

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        return self._turn(node, ast.Assign([node.target], node.value))


def mutants(code):
    """Every program that differs from `code` in one place: (what stood there, what replaced it, the program)."""
    found, place = [], 0
    while True:
        mutator = Mutator(place)
        tree = mutator.visit(ast.parse(code))
        if mutator.what is None:
            return found
        found.append((*mutator.what, ast.unparse(tree)))
        place += 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_mutant_of_the_solution_is_rejected(exercise):
    tried = 0
    for before, after, code in mutants(exercise.solution_code):
        try:
            answer = answer_of(code)
        except Exception:
            continue  # it does not even run
        tried += 1
        if (before, after) not in EQUIVALENT.get(exercise.title, []):
            assert exercise.check(answer).status is not Status.RIGHT, f"{before} became {after}"
    assert tried > 0
