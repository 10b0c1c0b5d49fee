-- The queue of a region in the order of urgency; decided cases are not in it.
create index review_queue on ums_review.review (region, due_on, queued_at, application_id)
    where standing in ('QUEUED', 'SIGNED');
