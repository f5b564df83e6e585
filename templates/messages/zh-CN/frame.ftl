frame-name = Switchyard
frame-skip = 跳到正文
frame-demo = 这里的一切都是示例数据，程序结束后即消失。
frame-rooms = 导航
frame-preferences = 外观与账户
frame-theme = 主题
frame-theme-system = 跟随系统
frame-theme-light = 浅色
frame-theme-dark = 深色
frame-language = 语言
frame-log-out = 退出登录
frame-version = 版本 { $version }
frame-zone = 时间均为 { $zone } 时区
frame-close = 关闭
frame-cancel = 取消
frame-copy = 复制
frame-copied = 已复制
frame-done = 已完成。
frame-new-rows = { $count } 条新请求

nav-dashboard = 仪表盘
nav-requests = 请求
nav-providers = 供应商
nav-users = 用户
nav-prices = 价格

health-good = 一切正常
health-good-more = 请求正常处理，记录正常写入。
health-degraded = 部分降级
health-down = 未就绪
health-breakers = { $count } 个供应商暂停中
health-ask = 请联系此中继的管理者。
health-breakers-more = 查看哪些供应商暂停及原因

keys-title = 快捷键
keys-search = 搜索
keys-rows = 下一行、上一行
keys-this = 显示本列表

table-pages = 分页
table-first = 第一页
table-next = 下一页

form-optional = 可选
form-changed-meanwhile = 您打开此页之后，其他人已修改过它。您填写的内容保留在下方，尚未保存；再次保存会覆盖现有内容。重新打开此页可查看现有内容。
form-wrong = 有 { $count } 个字段需要修改，尚未保存。

time-now = 刚刚
time-seconds-ago = { $count } 秒前
time-minutes-ago = { $count } 分钟前
time-hours-ago = { $count } 小时前
time-days-ago = { $count } 天前
time-in-seconds = { $count } 秒后
time-in-minutes = { $count } 分钟后
time-in-hours = { $count } 小时后
time-in-days = { $count } 天后
