-- Reads the version of each section of the catalogue.
-- params: none
-- returns: section text, version int
SELECT section, version FROM catalogue_versions ORDER BY section
