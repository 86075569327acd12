"""What emoji are called, for those who want them said."""

import re
import unicodedata
from itertools import groupby
from typing import Literal

EmojiPolicy = Literal["drop", "name"]
"""What becomes of emoji: nothing is said for them, or their name."""

# Chinese and English, after the short names of Unicode CLDR but as short as people say them.
# fmt: off
_NAMES: dict[str, tuple[str, str]] = {
    "😀": ("笑脸", "grinning face"), "😃": ("笑脸", "smiling face"), "😄": ("笑脸", "smiling face"),
    "😁": ("嘻嘻", "beaming face"), "😆": ("大笑", "laughing face"), "😅": ("苦笑", "nervous laugh"),
    "🤣": ("笑翻了", "rolling on the floor laughing"), "😂": ("笑哭", "tears of joy"),
    "🙂": ("微笑", "slight smile"), "🙃": ("倒脸", "upside-down face"), "😉": ("眨眼", "wink"),
    "😊": ("微笑", "smiling face"), "😇": ("天使", "halo"), "🥰": ("喜爱", "smiling face with hearts"),
    "😍": ("花痴", "heart eyes"), "🤩": ("好崇拜", "star-struck"), "😘": ("飞吻", "blowing a kiss"),
    "😗": ("亲亲", "kissing face"), "😋": ("好吃", "yum"), "😛": ("吐舌", "tongue out"),
    "😜": ("调皮", "winking with tongue out"), "🤪": ("疯了", "zany face"), "🤗": ("抱抱", "hugging face"),
    "🤭": ("偷笑", "giggle"), "🤫": ("嘘", "shushing face"), "🤔": ("思考", "thinking face"),
    "🤐": ("闭嘴", "zipped mouth"), "😐": ("无表情", "neutral face"), "😑": ("无语", "expressionless face"),
    "😏": ("得意", "smirk"), "😒": ("不高兴", "unamused face"), "🙄": ("翻白眼", "eye roll"),
    "😬": ("龇牙", "grimace"), "😌": ("松了口气", "relieved face"), "😔": ("沉思", "pensive face"),
    "😪": ("困", "sleepy face"), "😴": ("睡着了", "sleeping face"), "😷": ("戴口罩", "face with mask"),
    "🤒": ("生病", "sick face"), "🤢": ("恶心", "nauseated face"), "🤮": ("吐了", "vomiting face"),
    "🥵": ("好热", "hot face"), "🥶": ("好冷", "cold face"), "😵": ("晕", "dizzy face"),
    "🤯": ("爆炸头", "mind blown"), "🥳": ("庆祝", "party face"), "😎": ("墨镜", "sunglasses"),
    "🤓": ("书呆子", "nerd face"), "😕": ("困惑", "confused face"), "😟": ("担心", "worried face"),
    "🙁": ("不开心", "frown"), "😮": ("吃惊", "surprised face"), "😲": ("震惊", "astonished face"),
    "😳": ("脸红", "flushed face"), "🥺": ("恳求", "pleading face"), "😢": ("流泪", "crying face"),
    "😭": ("大哭", "loudly crying face"), "😱": ("吓死了", "screaming face"), "😖": ("纠结", "confounded face"),
    "😞": ("失望", "disappointed face"), "😓": ("冷汗", "cold sweat"), "😩": ("累死了", "weary face"),
    "😫": ("累", "tired face"), "😤": ("哼", "huffing face"), "😡": ("生气", "angry face"),
    "😠": ("生气", "angry face"), "🤬": ("骂人", "cursing face"), "😈": ("恶魔", "smiling devil"),
    "💀": ("骷髅", "skull"), "💩": ("便便", "pile of poo"), "🤡": ("小丑", "clown"), "👻": ("鬼", "ghost"),
    "👽": ("外星人", "alien"), "🤖": ("机器人", "robot"), "🐶": ("狗", "dog"), "🐱": ("猫", "cat"),
    "🐼": ("熊猫", "panda"), "🐷": ("猪", "pig"), "🐔": ("鸡", "chicken"), "🐟": ("鱼", "fish"),
    "👋": ("挥手", "waving hand"), "👌": ("好的", "OK hand"), "✌": ("胜利", "victory hand"),
    "🤞": ("祝好运", "fingers crossed"), "🤟": ("爱你", "love-you gesture"), "🤙": ("打电话", "call me"),
    "👈": ("向左指", "pointing left"), "👉": ("向右指", "pointing right"), "👆": ("向上指", "pointing up"),
    "👇": ("向下指", "pointing down"), "👍": ("点赞", "thumbs up"), "👎": ("差评", "thumbs down"),
    "✊": ("拳头", "raised fist"), "👊": ("击拳", "fist bump"), "👏": ("鼓掌", "clapping hands"),
    "🙌": ("欢呼", "raised hands"), "🤝": ("握手", "handshake"), "🙏": ("合十", "folded hands"),
    "💪": ("加油", "flexed biceps"), "👀": ("眼睛", "eyes"), "👶": ("婴儿", "baby"), "🙋": ("举手", "raising hand"),
    "🤷": ("摊手", "shrug"), "🤦": ("捂脸", "facepalm"), "👪": ("一家人", "family"), "👨‍👩‍👧": ("一家人", "family"),
    "👨‍👩‍👦": ("一家人", "family"), "👨‍👩‍👧‍👦": ("一家人", "family"), "❤": ("红心", "red heart"),
    "🧡": ("橙心", "orange heart"), "💛": ("黄心", "yellow heart"), "💚": ("绿心", "green heart"),
    "💙": ("蓝心", "blue heart"), "💜": ("紫心", "purple heart"), "🖤": ("黑心", "black heart"),
    "💔": ("心碎", "broken heart"), "💕": ("两颗心", "two hearts"), "💖": ("闪亮的心", "sparkling heart"),
    "💯": ("一百分", "one hundred points"), "💢": ("愤怒", "anger"), "💥": ("爆炸", "collision"),
    "💦": ("汗滴", "sweat droplets"), "💤": ("睡觉", "zzz"), "💬": ("对话", "speech bubble"),
    "💡": ("灯泡", "light bulb"), "💰": ("钱袋", "money bag"), "💻": ("电脑", "laptop"), "📱": ("手机", "phone"),
    "📷": ("相机", "camera"), "📚": ("书", "books"), "📈": ("上涨", "chart going up"),
    "📉": ("下跌", "chart going down"), "📌": ("图钉", "pushpin"), "📢": ("喇叭", "loudspeaker"),
    "🔔": ("铃铛", "bell"), "🔥": ("火", "fire"), "✨": ("闪亮", "sparkles"), "⭐": ("星星", "star"),
    "🌟": ("闪亮的星", "glowing star"), "🎉": ("撒花", "party popper"), "🎊": ("彩球", "confetti ball"),
    "🎁": ("礼物", "gift"), "🎂": ("生日蛋糕", "birthday cake"), "🎈": ("气球", "balloon"),
    "🎵": ("音符", "musical note"), "🎶": ("音符", "musical notes"), "🎤": ("麦克风", "microphone"),
    "🎬": ("场记板", "clapper board"), "🏆": ("奖杯", "trophy"), "🥇": ("金牌", "gold medal"),
    "⚽": ("足球", "soccer ball"), "🏀": ("篮球", "basketball"), "🚀": ("火箭", "rocket"), "🚗": ("汽车", "car"),
    "✈": ("飞机", "airplane"), "🏠": ("房子", "house"), "🌹": ("玫瑰", "rose"), "🌸": ("樱花", "cherry blossom"),
    "🌞": ("太阳", "sun"), "☀": ("太阳", "sun"), "🌙": ("月亮", "moon"), "🌈": ("彩虹", "rainbow"),
    "☔": ("下雨", "umbrella with rain"), "⛄": ("雪人", "snowman"), "❄": ("雪花", "snowflake"),
    "🍎": ("苹果", "apple"), "🍉": ("西瓜", "watermelon"), "🍺": ("啤酒", "beer"), "🍻": ("干杯", "cheers"),
    "☕": ("咖啡", "coffee"), "🍜": ("面条", "noodles"), "🍚": ("米饭", "rice"), "🎃": ("南瓜灯", "jack-o'-lantern"),
    "🎄": ("圣诞树", "Christmas tree"), "🧧": ("红包", "red envelope"), "✅": ("对勾", "check mark"),
    "❌": ("叉", "cross mark"), "❓": ("问号", "question mark"), "❗": ("感叹号", "exclamation mark"),
    "⚠": ("警告", "warning"), "🚫": ("禁止", "prohibited"), "⏰": ("闹钟", "alarm clock"),
}
_FLAGS: dict[str, tuple[str, str]] = {
    "CN": ("中国", "China"), "US": ("美国", "the United States"), "GB": ("英国", "the United Kingdom"),
    "JP": ("日本", "Japan"), "KR": ("韩国", "South Korea"), "FR": ("法国", "France"), "DE": ("德国", "Germany"),
    "IT": ("意大利", "Italy"), "ES": ("西班牙", "Spain"), "RU": ("俄罗斯", "Russia"), "CA": ("加拿大", "Canada"),
    "AU": ("澳大利亚", "Australia"), "BR": ("巴西", "Brazil"), "IN": ("印度", "India"), "SG": ("新加坡", "Singapore"),
    "HK": ("香港", "Hong Kong"), "MO": ("澳门", "Macao"), "TH": ("泰国", "Thailand"), "VN": ("越南", "Vietnam"),
    "MY": ("马来西亚", "Malaysia"), "EU": ("欧盟", "the European Union"),
}
# fmt: on

_DRESS = "\ufe0f\U0001f3fb-\U0001f3ff"
_BASE = "\u231a-\u23ff\u2600-\u27bf\u2b50\u2b55\U0001f300-\U0001f3fa\U0001f400-\U0001faff"
_ONE = (
    f"(?:[\U0001f1e6-\U0001f1ff]{{2}}|[{_BASE}][{_DRESS}]{{0,3}}(?:\u200d[{_BASE}][{_DRESS}]{{0,3}}){{0,6}})"
)
_EMOJI = re.compile(_ONE)
_GROUP = re.compile(f" ?{_ONE}(?: ?{_ONE})*+ ?")
_NOT_NAMED = re.compile(f"[{_DRESS}]")
_HAN = re.compile("[\u3400-\u9fff]")
_OTHER_SCRIPT = re.compile("[\u3040-\u30ff\uac00-\ud7a3]")
_FIRST_PICTOGRAPH = "\U0001f300"
_REGIONAL_A = 0x1F1E6


def name_emoji(text: str, language: str | None = None) -> str:
    """`text` with the names of its emoji in their place, set off by commas; what has no name here stays.

    The names are Chinese or English, after the BCP 47 tag `language`; without one a line with a Chinese character or
    without letters gets Chinese names. In lines of other languages emoji stay, and so are dropped later.
    """
    if _EMOJI.search(text) is None:
        return text
    return "\n".join(_name_line(line, language) for line in text.split("\n"))


def _name_line(line: str, language: str | None) -> str:
    index = _name_index(line, language)
    if index is None:
        return line
    comma = ("，", ", ")[index]

    def name(match: re.Match[str]) -> str:
        names = [_name(emoji, index) for emoji in _EMOJI.findall(match[0])]
        spoken = comma.join(name for name, _ in groupby(filter(None, names)))
        if not spoken:
            return match[0]
        before = match.string[max(0, match.start() - 1) : match.start()]
        after = match.string[match.end() : match.end() + 1]
        return f"{comma if before.isalnum() else before and ' '}{spoken}{comma if after.isalnum() else ''}"

    return _GROUP.sub(name, line)


def _name_index(line: str, language: str | None) -> int | None:
    """0 for Chinese, 1 for English, None for a language without names."""
    if language:
        return {"zh": 0, "en": 1}.get(language.partition("-")[0])
    if _OTHER_SCRIPT.search(line):
        return None
    return 0 if _HAN.search(line) or not any(map(str.isalpha, line)) else 1


def _name(emoji: str, index: int) -> str:
    if "\U0001f1e6" <= emoji[0] <= "\U0001f1ff":
        return _flag(emoji, index)
    plain = _NOT_NAMED.sub("", emoji)
    names = _NAMES.get(plain) or _NAMES.get(plain[0])
    if names:
        return names[index]
    # Unicode's own names are good English for pictographs, and there are no Chinese ones.
    return unicodedata.name(plain[0], "").lower() if index and plain[0] >= _FIRST_PICTOGRAPH else ""


def _flag(emoji: str, index: int) -> str:
    names = _FLAGS.get("".join(chr(ord(letter) - _REGIONAL_A + ord("A")) for letter in emoji))
    if names is None:
        return ""
    return f"flag of {names[1]}" if index else f"{names[0]}国旗"
