"""Reading a Chinese address as people say it, and how alike two names are. Pure.

An address names the district's own parts from large to small: town, community, cell. Each part
may be missing, written with another ending (大寨镇 for 大寨街道) or with a character that sounds
the same (王尚村 for 王上村).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import lazy_pinyin
from rapidfuzz.distance import Levenshtein

DIGITS = {mark: number for number, mark in enumerate("零一二三四五六七八九")} | {"两": 2}
NOISE = re.compile(r"[\s,，。、;；:：()（）\-—]")
ABOVE = re.compile(
    r"^(?:中国)?(?:[^省市区县]{2,7}(?:省|自治区))?(?:[^省市区县镇乡村]{2,6}市)?"
    r"(?:[^省市区县镇乡村]{2,6}示范区)?(?:[^省市区县镇乡村社小园]{2,6}[区县])?"
)
TOWN = re.compile(r"^(.{1,8}?)(街道办事处|街道办|街道|镇|乡|办事处)(?!.{0,3}网格)")
COMMUNITY = re.compile(
    r"^(.{1,12}?)(社区居民委员会|社区居委会|社区|村民委员会|村委会|居民委员会|居委会|村)"
)
CELL = re.compile(r"第?([0-9]{1,3}|[零一二两三四五六七八九十百]{1,5})(?:号|#)?网格")
NUMBERED = re.compile(
    r"第?([0-9]{1,4}|[零一二两三四五六七八九十百]{1,5})(村民小组|小组|组|队|号楼|栋|幢|单元|号|室)"
)
KINDS = {"组": "group", "队": "group", "楼": "building", "栋": "building", "幢": "building"}
KINDS |= {"元": "unit", "号": "house", "室": "room"}  # by the last character of the word
BESIDE = re.compile(
    r"(?:的?(?:正?对面|斜对面|旁边?|门口|门前|附近|隔壁|[东南西北]{1,2}(?:侧|边|面)))$"
)
ENDING = re.compile(r"(街道办事处|街道|镇|乡|社区居委会|社区|村委会|村|区|县|市)$")
SOUNDS_ALIKE = 0.92  # names that sound the same and are written otherwise
OTHER_ENDING = 0.97  # the same name with another ending
CONTAINED = 0.75  # one name is a part of the other


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address; empty where it does not name them.

    cell: the number, or 0. numbers: ("group", 3), ("house", 12) from large to small; numerals in a
    name such as 五泉 are no numbers. beside: it says opposite, next to, in front of.
    """

    town: str = ""
    community: str = ""
    cell: int = 0
    rest: str = ""
    numbers: tuple[tuple[str, int], ...] = ()
    beside: bool = False


def parse(text: str) -> Address:
    """Take an address apart; province, city and district are dropped."""
    left = NOISE.sub("", unicodedata.normalize("NFKC", text))
    left = ABOVE.sub("", left, count=1)
    plain = BESIDE.sub("", left)
    left, beside = plain, plain != left
    town, left = _take(TOWN, left)
    community, left = _take(COMMUNITY, left)
    number = CELL.search(left)
    if number:
        left = left[: number.start()] + left[number.end() :]
    numbers = tuple((KINDS[word[-1]], _number(value)) for value, word in NUMBERED.findall(left))
    rest = NUMBERED.sub("", left)
    return Address(
        town, community, _number(number[1]) if number else 0, rest, numbers, beside=beside
    )


def _take(pattern: re.Pattern, text: str) -> tuple[str, str]:
    found = pattern.match(text)
    return (found[0], text[found.end() :]) if found else ("", text)


def _number(text: str) -> int:
    """3, 三, 十三, 二十, 一百零五."""
    if text.isdigit():
        return int(text)
    total, last = 0, 0
    for mark in text:
        if mark in "十百":
            total += (last or 1) * (10 if mark == "十" else 100)
            last = 0
        else:
            last = DIGITS[mark]
    return total + last


def agreement(known: Address, said: Address) -> float:
    """How well the numbers of a known address fit those that were said.

    1 for the same, 0.8 where the known one stops earlier (the group, not the house), 0 where any
    differs: 3组112号 is never 3组12号.
    """
    if known.numbers == said.numbers:
        return 1.0
    shorter = len(known.numbers) < len(said.numbers)
    return 0.8 if shorter and said.numbers[: len(known.numbers)] == known.numbers else 0.0


def likeness(name: str, said: str) -> float:
    """How much a name that was said is like a name that exists, 0 to 1; 1 only for the same."""
    if name == said:
        return 1.0
    own, told = core(name), core(said)
    if not own or not told:
        return 0.0
    if own == told:
        return OTHER_ENDING
    written = Levenshtein.normalized_similarity(own, told)
    spoken = Levenshtein.normalized_similarity(_sounds(own), _sounds(told))
    contained = CONTAINED if own in told or told in own else 0.0
    return max(written, SOUNDS_ALIKE * spoken, contained)


def core(name: str) -> str:
    """A name without the word for what it is: 汤家 of 汤家村."""
    return ENDING.sub("", name) or name


@lru_cache(maxsize=20_000)
def _sounds(name: str) -> tuple[str, ...]:
    """Syllables without tones, with the pairs that the region does not tell apart made one."""
    return tuple(syllable.replace("ng", "n") for syllable in lazy_pinyin(name))
