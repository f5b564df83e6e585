-- Says that a section of the catalogue has changed; part of every transaction that changes one.
-- params: $1 section text
-- returns: none
UPDATE catalogue_versions SET version = version + 1 WHERE section = $1
