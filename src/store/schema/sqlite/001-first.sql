-- The first schema: organisations and their offices, people, messages, requests, letters, appointments.
--
-- Times end in _at: Unix seconds UTC, 0 means "not yet". Rows that a letter or a link mentions (request, person,
-- message, letter, appointment, participant) have identifiers made before the row; others get theirs here.

CREATE TABLE organisation (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE CHECK (slug <> ''),
    name TEXT NOT NULL,
    zone TEXT NOT NULL DEFAULT 'Europe/Rome',
    patron_month INTEGER NOT NULL DEFAULT 0 CHECK (patron_month BETWEEN 0 AND 12),
    patron_day INTEGER NOT NULL DEFAULT 0 CHECK (patron_day BETWEEN 0 AND 31),
    language TEXT NOT NULL DEFAULT 'it'
) STRICT;

CREATE TABLE office (
    id INTEGER PRIMARY KEY,
    organisation_id INTEGER NOT NULL REFERENCES organisation (id),
    slug TEXT NOT NULL UNIQUE CHECK (slug <> ''),
    name TEXT NOT NULL,
    purpose TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    own_addresses TEXT NOT NULL DEFAULT '',
    own_domains TEXT NOT NULL DEFAULT '',
    code_prefix TEXT NOT NULL,
    phone TEXT NOT NULL DEFAULT '',
    slot_min INTEGER NOT NULL DEFAULT 20 CHECK (slot_min BETWEEN 5 AND 480 AND slot_min % 5 = 0),
    step_min INTEGER NOT NULL DEFAULT 20 CHECK (step_min BETWEEN 5 AND 480 AND step_min % 5 = 0),
    buffer_min INTEGER NOT NULL DEFAULT 0 CHECK (buffer_min BETWEEN 0 AND 120 AND buffer_min % 5 = 0),
    notice_days INTEGER NOT NULL DEFAULT 1 CHECK (notice_days >= 0),
    horizon_days INTEGER NOT NULL DEFAULT 30 CHECK (horizon_days BETWEEN 1 AND 366),
    lobby_min INTEGER NOT NULL DEFAULT 15 CHECK (lobby_min >= 0),
    late_min INTEGER NOT NULL DEFAULT 10 CHECK (late_min >= 0),
    change_until_min INTEGER NOT NULL DEFAULT 120 CHECK (change_until_min >= 0),
    weekly_cap INTEGER NOT NULL DEFAULT 2 CHECK (weekly_cap >= 0),
    hold_min INTEGER NOT NULL DEFAULT 15 CHECK (hold_min >= 0),
    max_people INTEGER NOT NULL DEFAULT 4 CHECK (max_people BETWEEN 2 AND 16),
    self_booking INTEGER NOT NULL DEFAULT 0 CHECK (self_booking IN (0, 1)),
    platform TEXT NOT NULL DEFAULT 'room',
    position INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX office_of_organisation ON office (organisation_id, position);

CREATE TABLE service (
    id INTEGER PRIMARY KEY,
    office_id INTEGER NOT NULL REFERENCES office (id),
    name TEXT NOT NULL,
    duration_min INTEGER NOT NULL CHECK (duration_min BETWEEN 5 AND 480 AND duration_min % 5 = 0),
    step_min INTEGER NOT NULL CHECK (step_min BETWEEN 5 AND 480 AND step_min % 5 = 0),
    position INTEGER NOT NULL DEFAULT 0,
    UNIQUE (office_id, name)
) STRICT;

CREATE TABLE opening (
    id INTEGER PRIMARY KEY,
    office_id INTEGER NOT NULL REFERENCES office (id),
    weekday INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    from_minute INTEGER NOT NULL CHECK (from_minute BETWEEN 0 AND 1440 AND from_minute % 5 = 0),
    until_minute INTEGER NOT NULL CHECK (until_minute BETWEEN 0 AND 1440 AND until_minute % 5 = 0),
    valid_from INTEGER NOT NULL, -- days since 1970-01-01, both ends included; the 32-bit limits mean none
    valid_until INTEGER NOT NULL,
    counters INTEGER NOT NULL DEFAULT 1 CHECK (counters BETWEEN 1 AND 99),
    CHECK (from_minute < until_minute)
) STRICT;
CREATE INDEX opening_of_office ON opening (office_id, weekday, from_minute);

CREATE TABLE closure (
    id INTEGER PRIMARY KEY,
    organisation_id INTEGER NOT NULL REFERENCES organisation (id),
    office_id INTEGER REFERENCES office (id), -- NULL: the whole organisation
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    CHECK (from_at < until_at)
) STRICT;
CREATE INDEX closure_in_time ON closure (organisation_id, until_at);

CREATE TABLE counter (
    id INTEGER PRIMARY KEY,
    office_id INTEGER NOT NULL REFERENCES office (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    UNIQUE (office_id, number)
) STRICT;

CREATE TABLE officer (
    id INTEGER PRIMARY KEY,
    organisation_id INTEGER NOT NULL REFERENCES organisation (id),
    email TEXT NOT NULL UNIQUE CHECK (email <> ''), -- folded
    name TEXT NOT NULL,
    password_hash TEXT,
    password_changed_at INTEGER NOT NULL DEFAULT 0, -- system time
    disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    language TEXT NOT NULL DEFAULT 'it'
) STRICT;

CREATE TABLE officer_office (
    officer_id INTEGER NOT NULL REFERENCES officer (id),
    office_id INTEGER NOT NULL REFERENCES office (id),
    role TEXT NOT NULL CHECK (role IN ('officer', 'manager', 'administrator')),
    PRIMARY KEY (officer_id, office_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    organisation_id INTEGER NOT NULL REFERENCES organisation (id),
    name TEXT,
    email TEXT CHECK (email <> ''), -- folded
    title TEXT,
    phone TEXT,
    phone_e164 TEXT,
    language TEXT NOT NULL DEFAULT 'it',
    search_text TEXT NOT NULL DEFAULT '' -- folded name, e-mail
) STRICT;
CREATE UNIQUE INDEX person_by_email ON person (organisation_id, email) WHERE email IS NOT NULL;

CREATE TABLE request (
    id INTEGER PRIMARY KEY,
    organisation_id INTEGER NOT NULL REFERENCES organisation (id),
    office_id INTEGER NOT NULL REFERENCES office (id),
    person_id INTEGER NOT NULL REFERENCES person (id),
    code TEXT NOT NULL UNIQUE CHECK (code <> ''),
    state TEXT NOT NULL CHECK (state IN ('new', 'waiting_citizen', 'answered', 'phone', 'offered', 'booked',
                                         'redirected', 'refused', 'closed')),
    to_read INTEGER NOT NULL DEFAULT 0 CHECK (to_read IN (0, 1)),
    kind TEXT,
    action TEXT,
    source TEXT NOT NULL CHECK (source IN ('mail', 'pec', 'web', 'phone')),
    subject TEXT NOT NULL DEFAULT '',
    practice TEXT,
    summary TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT 'it',
    generation INTEGER NOT NULL DEFAULT 1,
    received_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    promised_at INTEGER NOT NULL,
    decided_at INTEGER NOT NULL DEFAULT 0,
    closed_at INTEGER NOT NULL DEFAULT 0,
    answered_how TEXT NOT NULL DEFAULT 'open' CHECK (answered_how IN ('open', 'video', 'phone', 'answer', 'ask',
                                                                      'redirect', 'refuse', 'cancelled')),
    outcome_kind TEXT,
    outcome TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    search_text TEXT NOT NULL DEFAULT '', -- folded code, practice, subject, summary
    reading TEXT -- JSON
) STRICT;
CREATE INDEX request_by_promise ON request (office_id, state, promised_at);
CREATE INDEX request_by_arrival ON request (office_id, received_at);
CREATE INDEX request_of_person ON request (person_id);
CREATE INDEX request_on_practice ON request (office_id, practice) WHERE practice IS NOT NULL;
CREATE INDEX request_to_read ON request (office_id, promised_at) WHERE to_read = 1;

CREATE TABLE request_link (
    request_id INTEGER NOT NULL REFERENCES request (id),
    person_id INTEGER NOT NULL REFERENCES person (id),
    generation INTEGER NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    PRIMARY KEY (request_id, person_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    office_id INTEGER NOT NULL REFERENCES office (id),
    request_id INTEGER REFERENCES request (id),
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    state TEXT NOT NULL CHECK (state IN ('stored', 'read', 'failed')),
    kind TEXT,
    reason TEXT,
    message_id TEXT,
    in_reply_to TEXT,
    from_name TEXT,
    from_email TEXT,
    subject TEXT,
    size INTEGER NOT NULL,
    truncated INTEGER NOT NULL DEFAULT 0 CHECK (truncated IN (0, 1)),
    digest TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    read_at INTEGER NOT NULL DEFAULT 0,
    text TEXT,
    UNIQUE (office_id, digest)
) STRICT;
CREATE INDEX message_of_request ON message (request_id, received_at) WHERE request_id IS NOT NULL;
CREATE INDEX message_by_header ON message (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX message_stored ON message (received_at) WHERE state = 'stored';
CREATE INDEX message_other ON message (office_id, received_at) WHERE reason IS NOT NULL;

CREATE TABLE attachment (
    id INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES message (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    encoding TEXT NOT NULL,
    size INTEGER NOT NULL,
    signature TEXT,
    quarantine INTEGER NOT NULL DEFAULT 0 CHECK (quarantine IN (0, 1)),
    erased_at INTEGER NOT NULL DEFAULT 0,
    raw_offset INTEGER NOT NULL DEFAULT 0, -- of its encoded bytes in the raw message
    raw_length INTEGER NOT NULL DEFAULT 0, -- 0: outside what was kept
    UNIQUE (message_id, number)
) STRICT;

-- In order of position (offset of the first byte) the pieces are the raw message, byte for byte. No piece reaches
-- over the border of an attachment.
CREATE TABLE message_piece (
    id INTEGER PRIMARY KEY, -- blobs stay out of the inner pages of the key's tree
    message_id INTEGER NOT NULL REFERENCES message (id),
    position INTEGER NOT NULL,
    bytes BLOB NOT NULL CHECK (length(bytes) <= 1048576),
    UNIQUE (message_id, position)
) STRICT;

CREATE TABLE appointment (
    id INTEGER PRIMARY KEY,
    organisation_id INTEGER NOT NULL REFERENCES organisation (id),
    office_id INTEGER NOT NULL REFERENCES office (id),
    request_id INTEGER NOT NULL REFERENCES request (id),
    number INTEGER NOT NULL, -- from 1, in order of booking within the request
    service_id INTEGER REFERENCES service (id),
    counter_id INTEGER NOT NULL REFERENCES counter (id),
    officer_id INTEGER REFERENCES officer (id),
    starts_at INTEGER NOT NULL CHECK (starts_at % 300 = 0),
    ends_at INTEGER NOT NULL CHECK (ends_at % 300 = 0),
    buffer_ends_at INTEGER NOT NULL CHECK (buffer_ends_at % 300 = 0),
    wall_date TEXT NOT NULL CHECK (length(wall_date) = 10),
    wall_minute INTEGER NOT NULL CHECK (wall_minute BETWEEN 0 AND 1439),
    zone TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('booked', 'waiting', 'in_call', 'done', 'no_show', 'missed_by_office',
                                         'cancelled')),
    sequence INTEGER NOT NULL DEFAULT 0,
    uid TEXT NOT NULL UNIQUE,
    cancelled_by TEXT CHECK (cancelled_by IN ('citizen', 'officer', 'system')),
    cancelled_reason TEXT,
    cancelled_at INTEGER NOT NULL DEFAULT 0,
    cancelled_system_at INTEGER NOT NULL DEFAULT 0,
    waiting_since_at INTEGER NOT NULL DEFAULT 0,
    call_started_at INTEGER NOT NULL DEFAULT 0,
    first_call_at INTEGER NOT NULL DEFAULT 0,
    call_seconds INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    UNIQUE (request_id, number),
    CHECK (starts_at < ends_at AND ends_at <= buffer_ends_at AND buffer_ends_at - starts_at <= 86400)
) STRICT;
CREATE INDEX appointment_taken ON appointment (office_id, starts_at, buffer_ends_at, counter_id, state)
    WHERE state IN ('booked', 'waiting', 'in_call', 'done');
CREATE INDEX appointment_in_time ON appointment (office_id, starts_at);
CREATE INDEX appointment_going_on ON appointment (state, starts_at) WHERE state IN ('waiting', 'in_call');

CREATE TABLE participant (
    id INTEGER PRIMARY KEY,
    appointment_id INTEGER NOT NULL REFERENCES appointment (id),
    person_id INTEGER REFERENCES person (id),
    role TEXT NOT NULL CHECK (role IN ('citizen', 'officer', 'guest')),
    name TEXT,
    email TEXT,
    generation INTEGER NOT NULL DEFAULT 1,
    token_hash TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX participant_of_appointment ON participant (appointment_id);

-- The outbox. The bytes are apart, so that marking a letter sent does not write them again.
CREATE TABLE letter (
    id INTEGER PRIMARY KEY,
    office_id INTEGER NOT NULL REFERENCES office (id),
    request_id INTEGER REFERENCES request (id),
    appointment_id INTEGER REFERENCES appointment (id),
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'withdrawn', 'failed')),
    sendable_at INTEGER NOT NULL, -- system time
    sent_at INTEGER NOT NULL DEFAULT 0, -- system time
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX letter_due ON letter (sendable_at) WHERE state = 'waiting';
CREATE INDEX letter_taken ON letter (id) WHERE state = 'sending';
CREATE INDEX letter_of_request ON letter (request_id, created_at) WHERE request_id IS NOT NULL;
CREATE INDEX letter_failed ON letter (office_id, request_id) WHERE state = 'failed';
CREATE INDEX letter_by_time ON letter (created_at);

CREATE TABLE letter_content (
    letter_id INTEGER PRIMARY KEY REFERENCES letter (id),
    text TEXT NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    organisation_id INTEGER NOT NULL,
    office_id INTEGER NOT NULL,
    request_id INTEGER,
    appointment_id INTEGER,
    officer_id INTEGER,
    actor TEXT NOT NULL CHECK (actor IN ('system', 'citizen', 'officer')),
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT,
    detail TEXT
) STRICT;
CREATE INDEX audit_of_request ON audit (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX audit_in_time ON audit (organisation_id, at);

-- No double booking: one row per five-minute cell that a counter or an officer is taken for. The primary key is
-- the rule; the triggers keep the rows, so that no code can forget them and a move is one UPDATE.
CREATE TABLE cell (
    organisation_id INTEGER NOT NULL,
    resource_kind INTEGER NOT NULL CHECK (resource_kind IN (1, 2)), -- 1 counter, 2 officer
    resource_id INTEGER NOT NULL,
    cell INTEGER NOT NULL, -- instant / 300 s
    PRIMARY KEY (organisation_id, resource_kind, resource_id, cell)
) STRICT, WITHOUT ROWID;

CREATE TABLE tick (n INTEGER PRIMARY KEY) STRICT;
INSERT INTO tick (n)
    WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 287)
    SELECT n FROM numbers;

CREATE TRIGGER appointment_takes AFTER INSERT ON appointment
WHEN NEW.state IN ('booked', 'waiting', 'in_call', 'done')
BEGIN
    INSERT INTO cell (organisation_id, resource_kind, resource_id, cell)
        SELECT NEW.organisation_id, 1, NEW.counter_id, NEW.starts_at / 300 + n FROM tick
        WHERE n < (NEW.buffer_ends_at - NEW.starts_at) / 300;
    INSERT INTO cell (organisation_id, resource_kind, resource_id, cell)
        SELECT NEW.organisation_id, 2, NEW.officer_id, NEW.starts_at / 300 + n FROM tick
        WHERE NEW.officer_id IS NOT NULL AND n < (NEW.buffer_ends_at - NEW.starts_at) / 300;
END;

CREATE TRIGGER appointment_leaves AFTER DELETE ON appointment
WHEN OLD.state IN ('booked', 'waiting', 'in_call', 'done')
BEGIN
    DELETE FROM cell WHERE organisation_id = OLD.organisation_id AND resource_kind = 1
        AND resource_id = OLD.counter_id AND cell >= OLD.starts_at / 300 AND cell < OLD.buffer_ends_at / 300;
    DELETE FROM cell WHERE organisation_id = OLD.organisation_id AND resource_kind = 2
        AND resource_id = OLD.officer_id AND cell >= OLD.starts_at / 300 AND cell < OLD.buffer_ends_at / 300;
END;

-- Booked, waiting, in_call, done among themselves keep the same cells: nothing to do for those.
CREATE TRIGGER appointment_changes
AFTER UPDATE OF organisation_id, counter_id, officer_id, starts_at, buffer_ends_at, state ON appointment
WHEN OLD.starts_at <> NEW.starts_at OR OLD.buffer_ends_at <> NEW.buffer_ends_at
    OR OLD.counter_id <> NEW.counter_id OR OLD.officer_id IS NOT NEW.officer_id
    OR OLD.organisation_id <> NEW.organisation_id
    OR (OLD.state IN ('booked', 'waiting', 'in_call', 'done')) <> (NEW.state IN ('booked', 'waiting', 'in_call', 'done'))
BEGIN
    DELETE FROM cell WHERE OLD.state IN ('booked', 'waiting', 'in_call', 'done')
        AND organisation_id = OLD.organisation_id AND resource_kind = 1
        AND resource_id = OLD.counter_id AND cell >= OLD.starts_at / 300 AND cell < OLD.buffer_ends_at / 300;
    DELETE FROM cell WHERE OLD.state IN ('booked', 'waiting', 'in_call', 'done')
        AND organisation_id = OLD.organisation_id AND resource_kind = 2
        AND resource_id = OLD.officer_id AND cell >= OLD.starts_at / 300 AND cell < OLD.buffer_ends_at / 300;
    INSERT INTO cell (organisation_id, resource_kind, resource_id, cell)
        SELECT NEW.organisation_id, 1, NEW.counter_id, NEW.starts_at / 300 + n FROM tick
        WHERE NEW.state IN ('booked', 'waiting', 'in_call', 'done')
            AND n < (NEW.buffer_ends_at - NEW.starts_at) / 300;
    INSERT INTO cell (organisation_id, resource_kind, resource_id, cell)
        SELECT NEW.organisation_id, 2, NEW.officer_id, NEW.starts_at / 300 + n FROM tick
        WHERE NEW.officer_id IS NOT NULL AND NEW.state IN ('booked', 'waiting', 'in_call', 'done')
            AND n < (NEW.buffer_ends_at - NEW.starts_at) / 300;
END;
