-- Mail in and mail out: ways, receipts, signatures, answers to invitations, what officers want to be told.

ALTER TABLE letter ADD COLUMN route TEXT NOT NULL DEFAULT 'mail' CHECK (route IN ('mail', 'pec'));
ALTER TABLE letter ADD COLUMN automatic INTEGER NOT NULL DEFAULT 0 CHECK (automatic IN (0, 1)); -- caused by mail alone
ALTER TABLE letter ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0; -- system time it could first leave, 0: not yet taken
CREATE INDEX letter_automatic ON letter (recipient, created_at) WHERE automatic = 1;

-- What machines said about a letter: PEC receipts and reports of delivery.
CREATE TABLE letter_receipt (
    id INTEGER PRIMARY KEY,
    letter_id INTEGER NOT NULL REFERENCES letter (id),
    message_id INTEGER REFERENCES message (id), -- that brought it
    type TEXT NOT NULL CHECK (type <> ''), -- accettazione, avvenuta-consegna, ..., failed, delayed
    recipient TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '', -- status of a report
    at INTEGER NOT NULL,
    UNIQUE (letter_id, type, recipient)
) STRICT;

ALTER TABLE message ADD COLUMN pec TEXT; -- type of the envelope or receipt, NULL: no PEC
ALTER TABLE message ADD COLUMN signature TEXT CHECK (signature IN ('verified', 'not_verified')); -- NULL: none
ALTER TABLE message ADD COLUMN signature_detail TEXT; -- signer, or why not

ALTER TABLE participant ADD COLUMN partstat TEXT; -- of the latest answer to the invitation
ALTER TABLE participant ADD COLUMN partstat_at INTEGER NOT NULL DEFAULT 0;

-- How far each IMAP mailbox has been read.
CREATE TABLE mailbox (
    name TEXT PRIMARY KEY,
    uid_validity INTEGER NOT NULL DEFAULT 0,
    next_uid INTEGER NOT NULL DEFAULT 0,
    first_seen_at INTEGER NOT NULL -- older mail is left alone
) STRICT, WITHOUT ROWID;

ALTER TABLE officer ADD COLUMN digest TEXT NOT NULL DEFAULT 'off' CHECK (digest IN ('off', 'daily'));
ALTER TABLE officer ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1));
ALTER TABLE officer ADD COLUMN digest_sent_on TEXT NOT NULL DEFAULT ''; -- day of the latest, "2026-11-24"

-- Urgent notes that officers were written, so that none is written twice: what (names of notice.h), its row, when.
CREATE TABLE notice_told (
    kind TEXT NOT NULL CHECK (kind <> ''),
    subject_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (kind, subject_id, at)
) STRICT, WITHOUT ROWID;
