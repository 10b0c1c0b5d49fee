-- The search by name, by keyed hashes alone; written through, for a list of what is pending would be read by each search.
create index review_names on ums_review.review using gin (name_indexes jsonb_path_ops) with (fastupdate = off)
    where round > 0;
