"""Readings that pypinyin's dictionary lacks for speech: neutral tones of common words, 得 and 地 as particles, and a
few words it reads otherwise than a newsreader would.
"""

from functools import cache

# Particles first: pypinyin takes the first reading where no phrase of its dictionary decides.
_SINGLE = {"得": "de,dé,děi", "地": "de,dì", "长": "cháng,zhǎng", "为": "wèi,wéi", "还": "hái,huán"}

_WORDS = """
大夫 dai4 fu5|地上 di4 shang5|地下 di4 xia4|地点 di4 dian3|地址 di4 zhi3|地图 di4 tu2|地铁 di4 tie3
地球 di4 qiu2|地区 di4 qu1|地方 di4 fang5|土地 tu3 di4|各地 ge4 di4|当地 dang1 di4|外地 wai4 di4
本地 ben3 di4|草地 cao3 di4|基地 ji1 di4|目的地 mu4 di4 di4|场地 chang3 di4|工地 gong1 di4|田地 tian2 di4
天地 tian1 di4|地面 di4 mian4|地震 di4 zhen4|地位 di4 wei4|地板 di4 ban3|地理 di4 li3|地带 di4 dai4
内地 nei4 di4|扫地 sao3 di4|两地 liang3 di4|长大 zhang3 da4|长高 zhang3 gao1|生长 sheng1 zhang3
成长 cheng2 zhang3|增长 zeng1 zhang3|校长 xiao4 zhang3|部长 bu4 zhang3|市长 shi4 zhang3|队长 dui4 zhang3
家长 jia1 zhang3|院长 yuan4 zhang3|站长 zhan4 zhang3|班长 ban1 zhang3|厂长 chang3 zhang3|店长 dian4 zhang3
会长 hui4 zhang3|首长 shou3 zhang3|团长 tuan2 zhang3|船长 chuan2 zhang3|局长 ju2 zhang3|行长 hang2 zhang3
董事长 dong3 shi4 zhang3|秘书长 mi4 shu1 zhang3|得到 de2 dao4|获得 huo4 de2|取得 qu3 de2|难得 nan2 de2
得分 de2 fen1|得奖 de2 jiang3|得了 de2 le5|值得 zhi2 de2|我得 wo3 dei3|你得 ni3 dei3|必须得 bi4 xu1 dei3
还得 hai2 dei3|就得 jiu4 dei3|得走 dei3 zou3|得去 dei3 qu4|还钱 huan2 qian2|还书 huan2 shu1|归还 gui1 huan2
偿还 chang2 huan2|还给 huan2 gei3|退还 tui4 huan2|成为 cheng2 wei2|认为 ren4 wei2|作为 zuo4 wei2
行为 xing2 wei2|以为 yi3 wei2|分为 fen1 wei2|变为 bian4 wei2|称为 cheng1 wei2|为止 wei2 zhi3|为主 wei2 zhu3
为期 wei2 qi1|视为 shi4 wei2|改为 gai3 wei2|均为 jun1 wei2|仅为 jin3 wei2|干活 gan4 huo2|干净 gan1 jing4
饼干 bing3 gan1|角色 jue2 se4|朋友 peng2 you5|先生 xian1 sheng5|学生 xue2 sheng5|东西 dong1 xi5
知道 zhi1 dao5|时候 shi2 hou5|漂亮 piao4 liang5|事情 shi4 qing5|晚上 wan3 shang5|早上 zao3 shang5
喜欢 xi3 huan5|告诉 gao4 su5|便宜 pian2 yi5|意思 yi4 si5|认识 ren4 shi5|休息 xiu1 xi5|舒服 shu1 fu5
清楚 qing1 chu5|厉害 li4 hai5|葡萄 pu2 tao5|玻璃 bo1 li5|明白 ming2 bai5|聪明 cong1 ming5|衣服 yi1 fu5
关系 guan1 xi5|消息 xiao1 xi5|窗户 chuang1 hu5|钥匙 yao4 shi5|头发 tou2 fa5|眼睛 yan3 jing5|耳朵 er3 duo5
嘴巴 zui3 ba5|月亮 yue4 liang5|石头 shi2 tou5|木头 mu4 tou5|里头 li3 tou5|骨头 gu3 tou5|馒头 man2 tou5
豆腐 dou4 fu5|萝卜 luo2 bo5|黄瓜 huang2 gua5|西瓜 xi1 gua5|麻烦 ma2 fan5|打听 da3 ting5|打扮 da3 ban5
打算 da3 suan5|生意 sheng1 yi5|力气 li4 qi5|脾气 pi2 qi5|客气 ke4 qi5|运气 yun4 qi5|福气 fu2 qi5
故事 gu4 shi5|本事 ben3 shi5|大方 da4 fang5|商量 shang1 liang5|名字 ming2 zi5|护士 hu4 shi5|师傅 shi1 fu5
丈夫 zhang4 fu5|客人 ke4 ren5|主人 zhu3 ren5|老婆 lao3 po5|老爷 lao3 ye5|姑娘 gu1 niang5|媳妇 xi2 fu5
亲戚 qin1 qi5|动静 dong4 jing5|热闹 re4 nao5|凉快 liang2 kuai5|暖和 nuan3 huo5|快活 kuai4 huo5
老实 lao3 shi5|结实 jie1 shi5|新鲜 xin1 xian5|糊涂 hu2 tu5|马虎 ma3 hu5|吩咐 fen1 fu5|答应 da1 ying5
相声 xiang4 sheng5|招呼 zhao1 hu5|称呼 cheng1 hu5|咳嗽 ke2 sou5|谢谢 xie4 xie5|爸爸 ba4 ba5|妈妈 ma1 ma5
哥哥 ge1 ge5|弟弟 di4 di5|姐姐 jie3 jie5|妹妹 mei4 mei5|爷爷 ye2 ye5|奶奶 nai3 nai5|叔叔 shu1 shu5
婆婆 po2 po5|公公 gong1 gong5|舅舅 jiu4 jiu5|姑姑 gu1 gu5|宝宝 bao3 bao5|星星 xing1 xing5|猩猩 xing1 xing5
试试 shi4 shi5|看看 kan4 kan5|听听 ting1 ting5|想想 xiang2 xiang5|说说 shuo1 shuo5|走走 zou2 zou5
逛逛 guang4 guang5|我们 wo3 men5|你们 ni3 men5|他们 ta1 men5|她们 ta1 men5|它们 ta1 men5|咱们 zan2 men5
人们 ren2 men5|孩子们 hai2 zi5 men5|这个 zhe4 ge5|那个 na4 ge5|哪个 na3 ge5|几个 ji3 ge5|两个 liang3 ge5
三个 san1 ge5|四个 si4 ge5|五个 wu3 ge5|六个 liu4 ge5|七个 qi1 ge5|八个 ba1 ge5|九个 jiu3 ge5|十个 shi2 ge5
一个 yi2 ge5|每个 mei3 ge4|个人 ge4 ren2|什么 shen2 me5|怎么 zen3 me5|这么 zhe4 me5|那么 na4 me5
多么 duo1 me5|为什么 wei4 shen2 me5|干什么 gan4 shen2 me5|差不多 cha4 bu5 duo1|对不起 dui4 bu5 qi3
来不及 lai2 bu5 ji2|舍不得 she3 bu5 de5|了不起 liao3 bu5 qi3|忍不住 ren3 bu5 zhu4|觉得 jue2 de5|记得 ji4 de5
晓得 xiao3 de5|认得 ren4 de5|懂得 dong3 de5|舍得 she3 de5|免得 mian3 de5|显得 xian3 de5
马马虎虎 ma3 ma3 hu1 hu1
"""


@cache
def extend_dictionary() -> None:
    """Add the readings to pypinyin's dictionaries, which belong to the process."""
    from pypinyin import load_phrases_dict, load_single_dict
    from pypinyin.contrib.tone_convert import to_tone

    load_single_dict({ord(character): readings for character, readings in _SINGLE.items()})
    entries = (entry.split(" ", 1) for line in _WORDS.split("\n") for entry in line.split("|") if entry)
    load_phrases_dict(
        {word: [[to_tone(syllable.rstrip("5"))] for syllable in reading.split()] for word, reading in entries}
    )
