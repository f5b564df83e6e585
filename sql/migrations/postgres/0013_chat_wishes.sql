-- Two wishes about providers of chat completions: whether they hear again what a model has thought, and whether
-- tools that take plain text go out as such.

ALTER TABLE providers ADD COLUMN reasoning_replay_preference TEXT NOT NULL DEFAULT 'inherit';
ALTER TABLE providers ADD COLUMN custom_tools_preference TEXT NOT NULL DEFAULT 'inherit';
