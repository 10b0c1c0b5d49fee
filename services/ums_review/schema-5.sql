-- Decisions of a region in a period, for its head.
create index decision_region on ums_review.decision (region, decided_at);
