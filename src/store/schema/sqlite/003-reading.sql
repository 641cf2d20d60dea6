-- What officers said of the values that were read in a request's messages, and what each office looks for.

-- A proposal is known by what it is and by its value on one line (reading/proposals.h), so that reading a message
-- again changes no answer.
CREATE TABLE verdict (
    id INTEGER PRIMARY KEY,
    request_id INTEGER NOT NULL REFERENCES request (id),
    kind TEXT NOT NULL CHECK (kind <> ''),
    value TEXT NOT NULL CHECK (value <> ''),
    verdict TEXT NOT NULL CHECK (verdict IN ('confirmed', 'rejected')),
    officer_id INTEGER NOT NULL REFERENCES officer (id),
    at INTEGER NOT NULL,
    UNIQUE (request_id, kind, value)
) STRICT;

ALTER TABLE office ADD COLUMN topics TEXT NOT NULL DEFAULT ''; -- reading/topics.h; '': those the program knows
ALTER TABLE office ADD COLUMN required TEXT NOT NULL DEFAULT ''; -- reading/required.h; '': the program's own list
