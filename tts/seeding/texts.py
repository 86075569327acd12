"""What the made-up customers have spoken: everyday sentences, written for this."""

MANDARIN = (
    "您好，您的快递已经放在小区东门的柜子里，请在今晚十点以前取走。",
    "本次列车终点站是南湖公园，请携带好随身物品，从右侧车门下车。",
    "今天多云转晴，最高气温26℃，适合出门散步。",
    "第三章 雨停了，巷子里只剩下屋檐滴水的声音。",
    "会议改到下午3:30，在二楼的小会议室，请提前准备好材料。",
    "您的验证码是739201，五分钟内有效，请不要告诉任何人。",
    "库存还有1,240件，预计周五补货，运费按重量计算。",
    "前方五百米右转，进入江滨路，限速每小时60公里。",
    "老人把茶杯推过来，慢慢地说：“这件事，要从头讲起。”",
    "欢迎致电客户服务中心，查询账单请按一，人工服务请按零。",
    "系统将在今晚23:00到次日1:00维护，期间无法登录。",
    "请各位家长在周三之前交回报名表，谢谢配合。",
)
ENGLISH = (
    "Your parcel has arrived. You can pick it up at the front desk until 8 pm.",
    "The next stop is Harbour Street. Please mind the gap.",
    "Chapter four. The lamp had burned down before anyone thought of going to bed.",
    "Turn left after 200 metres, then keep right at the fork.",
    "Thank you for holding. Your call is number 3 in the queue.",
    "Traffic is slow on the ring road; allow an extra 15 minutes.",
    "The meeting has moved to Thursday at 9:30 in room B12.",
    "We found 27 results. The first one was published on 3 May 2024.",
    "Please check that the valve is closed before you open the lid.",
    "It costs $12.50 with a student card and $18 without.",
)
