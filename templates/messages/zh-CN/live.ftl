live-open = 实时
live-connecting = 正在连接
live-lost = 连接已断开，正在重试
live-full = 未实时更新：同时查看的人太多，正在重试
live-person = 未实时更新：此账号打开的标签页太多，正在重试
live-ended = 已退出登录，请重新加载页面
live-paused = 未实时更新
live-reload = 变化太多，请重新加载列表
