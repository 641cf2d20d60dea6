/* lmtp_line.c - see lmtp_line.h. */
#include "mail/lmtp_line.h"

#include <string.h>

/* --- a path: <local@domain> ---------------------------------------------------------------- */

/* What is left of a line. */
typedef struct {
    const char *at, *end;
} Rest;

static bool take(Rest *rest, char wanted)
{
    if (rest->at == rest->end || *rest->at != wanted)
        return false;
    rest->at++;
    return true;
}

static bool take_word(Rest *rest, const char *word)
{
    gsize length = strlen(word);
    if ((gsize)(rest->end - rest->at) < length || g_ascii_strncasecmp(rest->at, word, length) != 0)
        return false;
    rest->at += length;
    return true;
}

/* "@one,@two:" means nothing any more (RFC 5321, 4.1.2 and appendix C). */
static bool skip_route(Rest *rest)
{
    if (rest->at == rest->end || *rest->at != '@')
        return true;
    const char *colon = memchr(rest->at, ':', (gsize)(rest->end - rest->at));
    if (!colon)
        return false;
    rest->at = colon + 1;
    return true;
}

/* Moves over the address up to its '>'; false when it is not closed or has what it must not. */
static bool skip_address(Rest *rest)
{
    bool quoted = false;
    for (; rest->at < rest->end; rest->at++) {
        guchar c = (guchar)*rest->at;
        if (c < ' ' || c == 0x7f)
            return false;
        if (quoted && c == '\\' && rest->at + 1 < rest->end && rest->at[1] >= ' ')
            rest->at++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && c == '>')
            return true;
        else if (!quoted && (c == ' ' || c == '<' || c == '\\'))
            return false;
    }
    return false;
}

static bool is_address(const char *text, gsize length)
{
    const char *at = memrchr(text, '@', length);
    return at && at > text && at + 1 < text + length && g_utf8_validate(text, (gssize)length, NULL);
}

static bool read_path(Rest *rest, bool may_be_empty, LmtpCommand *command)
{
    while (take(rest, ' '))
        ; /* "FROM: <" is wrong and common */
    if (!take(rest, '<') || !skip_route(rest))
        return false;
    const char *start = rest->at;
    if (!skip_address(rest))
        return false;
    gsize length = (gsize)(rest->at - start);
    rest->at++;
    if (length == 0 ? !may_be_empty : !is_address(start, length))
        return false;
    if (length > LMTP_ADDRESS_MOST)
        return false;
    memcpy(command->address, start, length);
    command->address[length] = '\0';
    return true;
}

/* --- parameters ---------------------------------------------------------------------------- */

static bool is_known_of_mail(const char *word, gsize length)
{
    static const char *const known[] = {"BODY=7BIT", "BODY=8BITMIME", "SMTPUTF8"};
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        if (strlen(known[i]) == length && g_ascii_strncasecmp(known[i], word, length) == 0)
            return true;
    if (length <= 5 || g_ascii_strncasecmp(word, "SIZE=", 5) != 0)
        return false;
    for (gsize i = 5; i < length; i++)
        if (!g_ascii_isdigit(word[i]))
            return false;
    return true;
}

static LmtpVerb read_parameters(Rest *rest, LmtpVerb verb)
{
    while (rest->at < rest->end) {
        if (!take(rest, ' '))
            return LMTP_SYNTAX;
        const char *space = memchr(rest->at, ' ', (gsize)(rest->end - rest->at));
        gsize length = (gsize)((space ? space : rest->end) - rest->at);
        if (length && (verb != LMTP_MAIL || !is_known_of_mail(rest->at, length)))
            return LMTP_PARAMETER;
        rest->at += length;
    }
    return verb;
}

/* --- the line ------------------------------------------------------------------------------ */

static LmtpVerb read_envelope(Rest *rest, LmtpVerb verb, LmtpCommand *command)
{
    if (!take(rest, ' ') || !take_word(rest, verb == LMTP_MAIL ? "FROM:" : "TO:"))
        return LMTP_SYNTAX;
    if (!read_path(rest, verb == LMTP_MAIL, command))
        return LMTP_ADDRESS;
    return read_parameters(rest, verb);
}

typedef enum { NO_ARGUMENT, SOME_ARGUMENT, MAY_HAVE_ARGUMENT, ENVELOPE } Shape;

static const struct {
    const char *word;
    LmtpVerb verb;
    Shape shape;
} commands[] = {
    {"LHLO", LMTP_LHLO, SOME_ARGUMENT}, {"MAIL", LMTP_MAIL, ENVELOPE},
    {"RCPT", LMTP_RCPT, ENVELOPE},      {"DATA", LMTP_DATA, NO_ARGUMENT},
    {"RSET", LMTP_RSET, NO_ARGUMENT},   {"NOOP", LMTP_NOOP, MAY_HAVE_ARGUMENT},
    {"QUIT", LMTP_QUIT, NO_ARGUMENT},   {"VRFY", LMTP_VRFY, SOME_ARGUMENT},
};

static LmtpVerb read_command(Rest *rest, gsize which, LmtpCommand *command)
{
    bool has_argument = rest->at + 1 < rest->end;
    switch (commands[which].shape) {
    case ENVELOPE:
        return read_envelope(rest, commands[which].verb, command);
    case NO_ARGUMENT:
        return has_argument ? LMTP_SYNTAX : commands[which].verb;
    case SOME_ARGUMENT:
        return has_argument ? commands[which].verb : LMTP_SYNTAX;
    case MAY_HAVE_ARGUMENT:
        return commands[which].verb;
    }
    g_assert_not_reached();
}

void lmtp_parse(const char *line, gsize length, LmtpCommand *command)
{
    *command = (LmtpCommand){.verb = LMTP_UNKNOWN};
    Rest rest = {line, line + length};
    while (rest.end > rest.at && (rest.end[-1] == ' ' || rest.end[-1] == '\t'))
        rest.end--;
    if (memchr(line, '\0', length)) {
        command->verb = LMTP_SYNTAX;
        return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
        Rest after = rest;
        if (!take_word(&after, commands[i].word) || (after.at < after.end && *after.at != ' '))
            continue;
        command->verb = read_command(&after, i, command);
        return;
    }
}

/* --- the message --------------------------------------------------------------------------- */

/* All up to the next CR is text. */
static gsize copy_text(const char *bytes, gsize length, char *out)
{
    const char *cr = memchr(bytes, '\r', length);
    gsize text = cr ? (gsize)(cr - bytes) : length;
    memcpy(out, bytes, text);
    return text;
}

static LmtpData after(char c)
{
    return c == '\r' ? LMTP_AT_CR : LMTP_AT_TEXT;
}

/* One byte; what it adds goes to `out`. */
static LmtpData step(LmtpData state, char c, char **out)
{
    switch (state) {
    case LMTP_AT_START:
        if (c == '.')
            return LMTP_AT_DOT; /* it is dropped, whatever follows */
        break;
    case LMTP_AT_DOT:
        if (c == '\r')
            return LMTP_AT_DOT_CR;
        break;
    case LMTP_AT_DOT_CR:
        if (c == '\n')
            return LMTP_AT_END;
        *(*out)++ = '\r';
        break;
    case LMTP_AT_CR:
        if (c == '\n') {
            *(*out)++ = c;
            return LMTP_AT_START;
        }
        break;
    case LMTP_AT_TEXT:
    case LMTP_AT_END:
        break;
    }
    *(*out)++ = c;
    return after(c);
}

gsize lmtp_data(LmtpData *state, const char *bytes, gsize length, char *out, gsize *out_length)
{
    gsize taken = 0;
    char *end = out;
    while (taken < length && *state != LMTP_AT_END) {
        if (*state == LMTP_AT_TEXT) {
            gsize text = copy_text(bytes + taken, length - taken, end);
            end += text;
            taken += text;
            if (taken == length)
                break;
        }
        *state = step(*state, bytes[taken++], &end);
    }
    *out_length = (gsize)(end - out);
    return taken;
}
