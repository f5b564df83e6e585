live-open = Live
live-connecting = Connecting
live-lost = Connection lost; trying again
live-full = Not live: too many people are watching; trying again
live-person = Not live: too many tabs are open under this name; trying again
live-ended = Signed out: load this page again
live-paused = Not live
live-reload = Load the list again: too much has happened
