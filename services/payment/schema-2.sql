-- The ledger refuses a booking that does not sum to zero, and is never altered, whoever asks.
create index entry_booking on payment.entry (booking);

create function payment.booking_is_balanced() returns trigger language plpgsql as $$
begin
    if (select sum(amount) from payment.entry where booking = new.booking) <> 0 then
        raise exception 'booking % does not sum to zero', new.booking using errcode = 'check_violation';
    end if;
    return null;
end $$;

create constraint trigger entry_is_balanced after insert on payment.entry
    deferrable initially deferred for each row execute function payment.booking_is_balanced();

create function payment.ledger_stands() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is only ever added to' using errcode = 'restrict_violation';
end $$;

create trigger entry_stands before update or delete on payment.entry
    for each row execute function payment.ledger_stands();

-- What operations look at.
create index invoice_held on payment.invoice (assessed_on, application_id) where phase = 'HELD';
