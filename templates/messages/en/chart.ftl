chart-desc = The most is { $most }, in the span that starts at { $at }. The table below has every figure.
chart-nothing = No requests in this span yet
chart-cursor = Figures by time: arrow keys move, Enter shows the requests behind them
chart-table = The figures as a table
chart-time = Time ({ $zone })
chart-total = Together
