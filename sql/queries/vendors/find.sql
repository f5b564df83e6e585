-- Finds the vendor of a site.
-- params: $1 website_domain text
-- returns: id int
SELECT id FROM vendors WHERE website_domain = $1
