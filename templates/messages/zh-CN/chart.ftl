chart-desc = 最高为 { $most }，出现在 { $at } 开始的时段。下方表格列出全部数字。
chart-nothing = 这段时间还没有请求
chart-cursor = 各时段的数字：方向键移动，回车查看对应的请求
chart-table = 以表格查看
chart-time = 时间（{ $zone }）
chart-total = 合计
