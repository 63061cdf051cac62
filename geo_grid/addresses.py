"""Reading a Chinese address as people say it, and how alike two names are. Pure.

An address names the district's own parts from large to small: town, community, cell. Each part
may be missing, written with another ending (大寨镇 for 大寨街道) or with a character that sounds
the same (王尚村 for 王上村).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations

from pypinyin import lazy_pinyin
from rapidfuzz.distance import Levenshtein

DIGITS = {mark: number for number, mark in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
NUMERAL = "零〇一二两三四五六七八九十百"
APART = r"[\s,，。、;；:：()（）]"
NOISE = re.compile(rf"{APART}|-(?![0-9{NUMERAL}])|(?<![0-9{NUMERAL}])-")
DASH = re.compile(r"\s*[\-—–]\s*")
# Two numbers stay two: 3，12号 is not 312号.
BETWEEN = re.compile(rf"(?<=[0-9]){APART}+(?=[0-9])|(?<=[{NUMERAL}]){APART}+(?=[{NUMERAL}])")
MARK, JOINT = "|", "-"
ABOVE = re.compile(
    r"^(?:中国)?([^省市区县]{2,7}(?:省|自治区))?([^省市区县镇乡村]{2,6}(?<!超)市(?!场))?"
    r"([^省市区县镇乡村]{2,6}示范区)?([^省市区县镇乡村社小园]{2,6}[区县])?"
)
TOWN = re.compile(r"^(.{1,8}?)(街道办事处|街道办|街道|镇|乡|办事处)(?!.{0,3}网格)")
COMMUNITY = re.compile(
    r"^(.{1,12}?)(社区居民委员会|社区居委会|社区|村民委员会|村委会|居民委员会|居委会|村(?!民小组))"
)
ONE = rf"(?:(?<![0-9-])[0-9]{{1,9}}|(?<![{NUMERAL}-])[{NUMERAL}]{{1,9}})"
FIGURE = re.compile(rf"[0-9]{{1,9}}|[{NUMERAL}]{{1,9}}")
CELL = re.compile(rf"第?({ONE})(?:号|#)?网格")
ENDING = re.compile(r"(街道办事处|街道|镇|乡|社区居委会|社区|村委会|村|区|县|市)$")
UPPER = re.compile(r"(省|自治区|市|示范区|区|县)$")
AROUND_A_CELL = 0.8  # 3网格与4网格交界处, 3网格以东
AROUND = re.compile("的?(?:以?[东南西北]|一带|附近|旁|隔壁|对|和|与|及|跟|同|到|至|往|向|朝)")
SAME_AREA = 0.9  # 杨凌区 for 杨陵区
SOUNDS_ALIKE = 0.92  # names that sound the same and are written otherwise
OTHER_ENDING = 0.97  # the same name with another ending
CONTAINED = 0.75  # one name is a part of the other
TOLD_APART = 0.8  # the most for names that differ in what tells neighbours apart: 东门 and 西门
OTHER_WORD = 0.7  # the same numbers after other words: 5号院 for 5号
APART_BY = re.compile("[东西南北中上下前后左右里外大小新老甲乙丙丁A-Za-z]")
NUMBERED, NAMES, BESIDE = "numbered", "names", "beside"


@dataclass(frozen=True, slots=True)
class Form:
    """One form in which people say a place.

    reads: NUMBERED, words after a number, as 3组; NAMES, what names several things at once, each in
    a group; BESIDE, an ending of what is only near by. words: a regular expression, of NUMBERED
    plain words. Endings are looked for first, then several names, then numbers in what is neither;
    of BESIDE and of NAMES the first row that fits counts. sure: the share of a score that is left where it was said; below 0.85 there is no
    certainty.
    """

    name: str
    reads: str
    words: str
    sure: float = 1.0


ROAD = "[路街道巷线]"
MEET = "的?(?:交叉路?口|交[汇界]处|[十丁]字路?口?|路?口)"
# fmt: off
FORMS = (
    Form("group", NUMBERED, "村民小组|小组|组|队"),
    Form("building", NUMBERED, "号楼|栋|幢"),
    Form("unit", NUMBERED, "单元"),
    Form("lane", NUMBERED, "巷|弄"),
    Form("row", NUMBERED, "排"),
    Form("yard", NUMBERED, "号院"),
    Form("house", NUMBERED, "号"),
    Form("room", NUMBERED, "室"),
    Form("crossing", NAMES, f"(.{{1,20}}?{ROAD})[与和跟及同/](.{{1,20}}?{ROAD}){MEET}"),
    Form("crossing", NAMES, f"(.{{1,20}}?{ROAD})(?!{ROAD})(.{{1,20}}?{ROAD}){MEET}"),
    Form("beside", BESIDE, "的?(?:[正斜]?对[面过门]|旁边?|门口|门前|附近|隔壁|背后|拐角|楼下|[前后][面边]"
         "|[东南西北]{1,2}[侧边面头]|(?<=[号室栋楼元组])[东南西北]{1,2})",
         sure=0.8),
    Form("away", BESIDE, f"的?[往向朝]?[东南西北前后左右]{{0,2}}(?:方向?|[侧边面走])?大?约?[0-9{NUMERAL}]{{1,9}}多?"
         "(?:米|公里|步)(?:处|远|左右)*", sure=0.8),
)
# fmt: on
PARTS = {word: one.name for one in FORMS if one.reads == NUMBERED for word in one.words.split("|")}
NUMBERS = re.compile(
    rf"第?({ONE}(?:-(?:[0-9]{{1,9}}|[{NUMERAL}]{{1,9}}))*)"
    rf"((?>{'|'.join(sorted(PARTS, key=len, reverse=True))}))(?!{ROAD}|口)"  # 3号路 is a name
)


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address; empty where it does not name them.

    cell: the number, or 0. numbers: ("group", 3), ("house", 12) from large to small, 12-3号 as house
    12 and house 3; numerals in a name such as 五泉 are no numbers. names: of the things it names at
    once, as the two roads of a crossing. sure: less than 1 where it says opposite, next to, in front
    of. above: province, city and district as they were said. whole: all that comes after the
    town, as it was said: a name in which a number or an ending is read, as in 第二排水站, is still
    that name.
    """

    town: str = ""
    community: str = ""
    cell: int = 0
    rest: str = ""
    numbers: tuple[tuple[str, int], ...] = ()
    names: tuple[str, ...] = ()
    leads: bool = False
    sure: float = 1.0
    above: tuple[str, ...] = ()
    whole: str = field(default="", compare=False)


def parse(text: str) -> Address:
    """Take an address apart."""
    plain = DASH.sub(JOINT, unicodedata.normalize("NFKC", text).replace(MARK, " "))
    left = NOISE.sub("", BETWEEN.sub(MARK, plain))
    begins = ABOVE.match(left)
    above = tuple(filter(None, begins.groups())) if begins else ()
    left = ABOVE.sub("", left, count=1)
    whole = _take(TOWN, left)[1].replace(MARK, "")
    left, sure = _ending_off(left)
    town, left = _take(TOWN, left)
    community, left = _take(COMMUNITY, left)
    number = CELL.search(left)
    if number:
        after = left[number.end() :]
        left = left[: number.start()] + after
        sure *= AROUND_A_CELL if CELL.search(left) or AROUND.match(after) else 1.0
    names, before, share = _several(left.replace(MARK, ""))
    counted = before if names else left
    numbers = tuple(
        (PARTS[word], _number(value))
        for values, word in NUMBERS.findall(counted)
        for value in values.split(JOINT)
    )
    rest = (left.removeprefix(before) if names else NUMBERS.sub("", left)).replace(MARK, "")
    cell = _number(number[1]) if number else 0
    leads = bool(rest and numbers and not names and NUMBERS.match(counted))
    return Address(town, community, cell, rest, numbers, names, leads, sure * share, above, whole)


def _ending_off(text: str) -> tuple[str, float]:
    """An address without the first ending that fits, and how sure that leaves us."""
    for form in FORMS:
        left = re.sub(rf"(?:{form.words})$", "", text) if form.reads == BESIDE else text
        if left != text:
            return left, form.sure
    return text, 1.0


def _several(text: str) -> tuple[tuple[str, ...], str, float]:
    """The things that a text names at once, the numbers before the first of them, and how sure that
    leaves us. A number that is the name, as in 五巷, is none."""
    for form in FORMS:
        found = re.fullmatch(form.words, text) if form.reads == NAMES else None
        if found:
            first, *others = filter(None, found.groups())
            before = ""
            while (part := NUMBERS.match(first)) and part.end() < len(first):
                before, first = before + part[0], first[part.end() :]
            return (first, *others), before, form.sure
    return (), "", 1.0


def _take(pattern: re.Pattern, text: str) -> tuple[str, str]:
    found = pattern.match(text)
    return (found[0], text[found.end() :]) if found else ("", text)


def _number(text: str) -> int:
    """3, 三, 十三, 二十, 一百零五, and digit by digit: 一零五."""
    if text.isdecimal():
        return int(text)
    if not set(text) & {"十", "百"}:
        return int("".join(str(DIGITS[mark]) for mark in text))
    total, last = 0, 0
    for mark in text:
        if mark in "十百":
            total += (last or 1) * (10 if mark == "十" else 100)
            last = 0
        else:
            last = DIGITS[mark]
    return total + last


def at_home(above: Sequence[str], names: Sequence[str]) -> bool:
    """Is all that an address says above its town of this chain of names? 陕西咸阳杨陵区 is."""
    return all(_of_chain(said, names) for said in above)


def _of_chain(said: str, names: Sequence[str]) -> bool:
    if any(likeness(name, said) >= SAME_AREA for name in names):
        return True
    left = _bare(said)
    for name in names:
        left = left.removeprefix(_bare(name))
    return not left


def _bare(name: str) -> str:
    """A name of an area above the town without what it is."""
    return UPPER.sub("", name) or name


def agreement(known: Address, said: Address) -> float:
    """How well the numbers of a known address fit those that were said.

    1 for the same, 0.8 where the known one stops earlier (the group, not the house) or they stand on
    the other side of the name, OTHER_WORD of it for the same numbers after other words, 0 where any
    differs: 3组112号 is never 3组12号.
    """
    begun = said.numbers[: len(known.numbers)]
    if [number for _part, number in known.numbers] != [number for _part, number in begun]:
        return 0.0
    beside = known.leads != said.leads and bool(known.rest and said.rest)
    share = 0.8 if beside or begun != said.numbers else 1.0
    return share if known.numbers == begun else share * OTHER_WORD


def spoken(said: Address) -> str:
    """A community and its numbers as most lists write them: 汤家村3组12号."""
    words = {form.name: min(form.words.split("|"), key=len) for form in FORMS}
    return said.community + "".join(f"{number}{words[part]}" for part, number in said.numbers)


def all_named(known: Sequence[str], said: Sequence[str]) -> float:
    """How well the things that a known place is named after fit those that were said, in any
    order: as well as the one that fits least; 0 where their numbers differ."""
    if len(known) != len(said):
        return 0.0
    return max(min(map(_same_number, order, said)) for order in permutations(known))


def _same_number(name: str, said: str) -> float:
    """The likeness of two names: 五巷 is 5巷, and none of 一路 and 二路."""
    own, told = ([*map(_number, FIGURE.findall(one))] for one in (name, said))
    plain = (FIGURE.sub(lambda found: str(_number(found[0])), one) for one in (name, said))
    return likeness(*plain) if own == told else 0.0


def likeness(name: str, said: str) -> float:
    """How much a name that was said is like a name that exists, 0 to 1; 1 only for the same."""
    if name == said:
        return 1.0
    own, told = core(name).upper(), core(said).upper()
    if not own or not told:
        return 0.0
    if own == told:
        return OTHER_ENDING
    written = Levenshtein.normalized_similarity(own, told)
    spoken = Levenshtein.normalized_similarity(_sounds(own), _sounds(told))
    contained = CONTAINED if own in told or told in own else 0.0
    most = TOLD_APART if _told_apart(own, told) else 1.0
    return min(max(written, SOUNDS_ALIKE * spoken, contained), most)


def _told_apart(own: str, told: str) -> bool:
    """Do two names differ in a figure or in a word like 东 and 西? What only one of them has may be
    a character that sounds the same: 五泉 and 武泉."""
    mine, yours = ([*map(_number, FIGURE.findall(name))] for name in (own, told))
    if len(mine) != len(yours):
        return bool(re.search("[0-9]", own + told))
    words = APART_BY.findall(own), APART_BY.findall(told)
    return mine != yours or (len(words[0]) == len(words[1]) and words[0] != words[1])


def core(name: str) -> str:
    """A name without the word for what it is: 汤家 of 汤家村."""
    return ENDING.sub("", name) or name


@lru_cache(maxsize=20_000)
def _sounds(name: str) -> tuple[str, ...]:
    """Syllables without tones, with the pairs that the region does not tell apart made one."""
    return tuple(syllable.replace("ng", "n") for syllable in lazy_pinyin(name))
