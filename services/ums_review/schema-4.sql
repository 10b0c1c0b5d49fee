-- The search by person, by the keyed hash of the IIN alone.
create index review_person on ums_review.review (iin_index, region) where round > 0;
