-- The key of a queued case ends with its region: so does that of what still waits to be said.
update ums_review.outbox set routing_key = 'review-queued.' || (convert_from(body, 'UTF8')::jsonb ->> 'region')
    where routing_key = 'review-queued';
