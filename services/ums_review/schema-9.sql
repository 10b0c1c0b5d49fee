-- The record as an auditor reads it: by time, by who did it, and what was refused.
create index audit_at on ums_review.audit (at, seq);
create index audit_who on ums_review.audit (who, at, seq);
create index audit_refused on ums_review.audit (at, seq)
    where result not in ('done', 'APPROVE', 'ANNUL', 'AGREES', 'REFUSES', 'on', 'off') and result not like 'to:%';
