/* parse_part.c - attachments: where their bytes lie, what they may be called, what nobody should
 * open.
 *
 * Bytes are read from the raw message itself by the bounds GMime gives, so that the offsets that
 * leave this process are the ones that were used.
 */
#include "mail/parse_internal.h"

#include <string.h>

#define NAME_MOST 200     /* bytes */
#define EXTENSION_MOST 16 /* bytes kept at the end of a long name */

bool parse_part_range(const Parse *parse, GMimePart *part, gsize *offset, gsize *length)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GMimeStream *stream = content ? g_mime_data_wrapper_get_stream(content) : NULL;
    if (!stream || stream->bound_start < 0 || stream->bound_end < stream->bound_start)
        return false;
    if ((guint64)stream->bound_end > parse->length)
        return false;
    *offset = (gsize)stream->bound_start;
    *length = (gsize)(stream->bound_end - stream->bound_start);
    return true;
}

GByteArray *parse_part_bytes(const Parse *parse, GMimePart *part, gsize most)
{
    GByteArray *out = g_byte_array_new();
    gsize offset, length;
    if (!parse_part_range(parse, part, &offset, &length))
        return out;
    /* no encoding needs more than 3 bytes for one, plus line ends; 4 keeps a decoder from working
     * for nothing */
    gsize enough = MIN(length, 4 * most + 64);
    parse_decode(parse->bytes + offset, enough, g_mime_part_get_content_encoding(part), most, out);
    return out;
}

/* --- names --------------------------------------------------------------------------------- */

static bool invisible(gunichar c)
{
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x2069) || c == 0x061c || c == 0x00ad || c == 0x180e ||
           c == 0x034f || c == 0x115f || c == 0x1160 || c == 0x3164 || c == 0xffa0;
}

/* "214/2026.pdf" is a number of a practice, not a folder. */
static bool between_digits(const char *start, const char *at)
{
    return *at == '/' && at > start && g_ascii_isdigit(at[-1]) && g_ascii_isdigit(at[1]);
}

static const char *last_component(const char *name)
{
    const char *from = name;
    for (const char *at = name; *at; at++)
        if ((*at == '/' || *at == '\\') && !between_digits(name, at))
            from = at + 1;
    return from;
}

/* Where the extension begins, with that of the document inside a signed one (".pdf.p7m"); the end
 * of the name when there is none worth keeping. */
static gsize extension_at(const char *name)
{
    gsize end = strlen(name);
    const char *dot = strrchr(name, '.');
    if (!dot || strlen(dot) > EXTENSION_MOST)
        return end;
    gsize at = (gsize)(dot - name);
    if (g_ascii_strcasecmp(dot, ".p7m") != 0)
        return at;
    gsize inner = at;
    while (inner > 0 && name[inner - 1] != '.')
        inner--;
    return inner > 1 && end - inner < EXTENSION_MOST ? inner - 1 : at;
}

static void shorten(GString *name)
{
    if (name->len <= NAME_MOST)
        return;
    g_autofree char *extension = g_strdup(name->str + extension_at(name->str));
    gsize end = NAME_MOST - strlen(extension);
    while (end > 0 && ((guchar)name->str[end] & 0xc0) == 0x80)
        end--;
    g_string_truncate(name, end);
    g_string_append(name, extension);
}

/* Devices of Windows, whatever extension follows (Microsoft, "Naming Files, Paths, and
 * Namespaces").
 */
static bool names_device(const char *name)
{
    static const char *const devices[] = {"con", "prn", "aux", "nul", "conin$", "conout$"};
    g_autofree char *stem = g_ascii_strdown(name, (gssize)strcspn(name, "."));
    g_strchomp(stem);
    for (gsize i = 0; i < G_N_ELEMENTS(devices); i++)
        if (strcmp(stem, devices[i]) == 0)
            return true;
    if (!g_str_has_prefix(stem, "com") && !g_str_has_prefix(stem, "lpt"))
        return false;
    const char *number = stem + 3;
    return (g_ascii_isdigit(number[0]) && !number[1]) || strcmp(number, "\xc2\xb9") == 0 ||
           strcmp(number, "\xc2\xb2") == 0 || strcmp(number, "\xc2\xb3") == 0;
}

/* Signs that part folders or look as if they did, and those that Windows forbids. */
static bool forbidden(gunichar c)
{
    if (c < 0x80)
        return strchr("/\\:*?\"<>|", (int)c) != NULL;
    return c == 0x2044 || c == 0x2215 || c == 0x2216 || c == 0x29f5 || c == 0x29f8 || c == 0x29f9 ||
           c == 0xff0f || c == 0xff3c;
}

static const char *extension_of_type(const char *type)
{
    static const struct {
        const char *type, *extension;
    } known[] = {
        {"application/pdf", ".pdf"},
        {"image/jpeg", ".jpg"},
        {"image/png", ".png"},
        {"text/plain", ".txt"},
        {"message/rfc822", ".eml"},
        {"text/calendar", ".ics"},
        {"text/html", ".html"},
        {"application/zip", ".zip"},
        {"application/pkcs7-mime", ".p7m"},
        {"text/xml", ".xml"},
        {"application/xml", ".xml"},
    };
    for (gsize i = 0; type && i < G_N_ELEMENTS(known); i++)
        if (strcmp(known[i].type, type) == 0)
            return known[i].extension;
    return ".bin";
}

char *parse_safe_name(const char *raw, const char *type, guint number)
{
    g_autofree char *clean = parse_clean_line(raw);
    GString *name = g_string_new(NULL);
    for (const char *at = last_component(clean ? clean : ""); *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (invisible(c))
            continue;
        if (forbidden(c))
            c = '_';
        if (g_unichar_isspace(c))
            c = ' ';
        if (c == ' ' && (!name->len || name->str[name->len - 1] == ' '))
            continue;
        if (c == '.' && !name->len)
            continue; /* hidden files, "..": nothing begins with a dot */
        g_string_append_unichar(name, c);
    }
    while (name->len && strchr(" .", name->str[name->len - 1]))
        g_string_truncate(name, name->len - 1);
    if (!name->len)
        g_string_printf(name, "%u%s", number, extension_of_type(type));
    if (names_device(name->str))
        g_string_prepend_c(name, '_');
    shorten(name);
    return g_string_free(name, FALSE);
}

/* --- what nobody should open --------------------------------------------------------------- */

static bool one_of(const char *const *list, const char *word)
{
    for (gsize i = 0; list[i]; i++)
        if (strcmp(list[i], word) == 0)
            return true;
    return false;
}

static const char *const program_extensions[] = {
    "exe",  "com",        "scr",        "bat",         "cmd",
    "pif",  "msi",        "msp",        "mst",         "dll",
    "cpl",  "sys",        "drv",        "ocx",         "js",
    "jse",  "mjs",        "vbs",        "vbe",         "vb",
    "wsf",  "wsh",        "wsc",        "sct",         "hta",
    "jar",  "jnlp",       "class",      "ps1",         "psm1",
    "psd1", "lnk",        "url",        "reg",         "inf",
    "chm",  "hlp",        "scf",        "application", "gadget",
    "appx", "appxbundle", "msix",       "iso",         "img",
    "vhd",  "vhdx",       "docm",       "dotm",        "xlsm",
    "xltm", "xlam",       "xll",        "pptm",        "potm",
    "ppam", "ppsm",       "sldm",       "ade",         "adp",
    "mde",  "one",        "library-ms", "search-ms",   "settingcontent-ms",
    "dmg",  "app",        "pkg",        "apk",         "deb",
    "rpm",  "run",        "bin",        "sh",          "bash",
    "zsh",  "command",    "desktop",    "elf",         "py",
    "pl",   "rb",         "php",        "svgz",        "xbap",
    "fxp",  "prg",        NULL};

/* Inside a name ("piano.exe.pdf") fewer count: "com" and "app" are also parts of words. */
static const char *const hidden_extensions[] = {"exe", "scr", "bat", "cmd", "pif", "msi",
                                                "js",  "vbs", "hta", "jar", "ps1", "lnk",
                                                "wsf", "vbe", "jse", NULL};

static const char *const document_extensions[] = {
    "pdf", "p7m",  "jpg", "jpeg", "png", "dwg", "dwf",  "dxf", "tif", "tiff", "doc", "xls", "docx",
    "odt", "xlsx", "ods", "pptx", "txt", "rtf", "heic", "bmp", "gif", "csv",  "eml", "zip", NULL};

static const char *const program_types[] = {"application/x-msdownload",
                                            "application/x-msdos-program",
                                            "application/x-dosexec",
                                            "application/x-executable",
                                            "application/vnd.microsoft.portable-executable",
                                            "application/x-msi",
                                            "application/x-ms-installer",
                                            "application/x-ms-shortcut",
                                            "application/x-bat",
                                            "application/x-sh",
                                            "application/x-shellscript",
                                            "application/java-archive",
                                            "application/x-java-archive",
                                            "application/hta",
                                            "application/javascript",
                                            "application/x-javascript",
                                            "text/javascript",
                                            "text/vbscript",
                                            "application/x-iso9660-image",
                                            "application/vnd.android.package-archive",
                                            NULL};

static bool has_path(const char *name)
{
    if (last_component(name) != name)
        return true;
    return g_ascii_isalpha(name[0]) && name[1] == ':';
}

static bool has_invisible(const char *name)
{
    for (const char *at = name; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c != 0x00ad && invisible(c))
            return true;
    }
    return false;
}

static bool name_is_program(const char *name)
{
    g_autofree char *folded = g_ascii_strdown(name, -1);
    g_auto(GStrv) pieces = g_strsplit(folded, ".", -1);
    guint n = g_strv_length(pieces);
    for (guint i = 1; i < n; i++) {
        char *piece = g_strstrip(pieces[i]);
        if (i + 1 == n ? one_of(program_extensions, piece) : one_of(hidden_extensions, piece))
            return true;
    }
    return false;
}

static bool bytes_are_program(const guint8 *start, gsize length)
{
    static const struct {
        const char *magic;
        gsize length;
    } programs[] = {{"MZ", 2},
                    {"\x7f"
                     "ELF",
                     4},
                    {"#!", 2},
                    {"\xca\xfe\xba\xbe", 4},
                    {"\xcf\xfa\xed\xfe", 4},
                    {"L\0\0\0\x01\x14\x02\0", 8}};
    for (gsize i = 0; i < G_N_ELEMENTS(programs); i++)
        if (length >= programs[i].length &&
            memcmp(start, programs[i].magic, programs[i].length) == 0)
            return true;
    return false;
}

/* A document by its name, a page with scripts by its type or bytes. */
static bool name_lies(const char *name, const char *type, const guint8 *start, gsize length)
{
    const char *dot = strrchr(name, '.');
    g_autofree char *extension = g_ascii_strdown(dot ? dot + 1 : "", -1);
    if (!one_of(document_extensions, extension))
        return false;
    if (strcmp(type, "text/html") == 0 || strcmp(type, "image/svg+xml") == 0)
        return true;
    static const char *const pages[] = {"<html", "<!doctype html", "<script", "<svg"};
    gsize at = 0;
    while (at < length && g_ascii_isspace(start[at]))
        at++;
    for (gsize i = 0; i < G_N_ELEMENTS(pages); i++)
        if (strcmp(extension, "txt") != 0 && length - at >= strlen(pages[i]) &&
            g_ascii_strncasecmp((const char *)start + at, pages[i], strlen(pages[i])) == 0)
            return true;
    return false;
}

bool parse_is_dangerous(const char *raw_name, const char *type, const guint8 *start, gsize length)
{
    if (one_of(program_types, type) || bytes_are_program(start, length))
        return true;
    if (!raw_name)
        return false;
    return has_path(raw_name) || has_invisible(raw_name) || name_is_program(raw_name) ||
           name_lies(raw_name, type, start, length);
}

/* --- the part ------------------------------------------------------------------------------ */

static const char *encoding_name(GMimeContentEncoding encoding)
{
    switch (encoding) {
    case GMIME_CONTENT_ENCODING_BASE64:
        return "base64";
    case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
        return "quoted-printable";
    case GMIME_CONTENT_ENCODING_8BIT:
        return "8bit";
    case GMIME_CONTENT_ENCODING_BINARY:
        return "binary";
    case GMIME_CONTENT_ENCODING_DEFAULT:
    case GMIME_CONTENT_ENCODING_7BIT:
    case GMIME_CONTENT_ENCODING_UUENCODE:
        break;
    }
    return "7bit";
}

static char *type_of(GMimePart *part)
{
    g_autofree char *type =
        g_mime_content_type_get_mime_type(g_mime_object_get_content_type(GMIME_OBJECT(part)));
    g_autofree char *clean = parse_clean_line(type);
    g_autofree char *folded = g_ascii_strdown(clean ? clean : "application/octet-stream", -1);
    return strlen(folded) <= 127 ? g_steal_pointer(&folded) : g_strdup("application/octet-stream");
}

static bool is_cades(const char *name, const char *type)
{
    g_autofree char *folded = g_ascii_strdown(name, -1);
    return g_str_has_suffix(folded, ".p7m") || strcmp(type, "application/pkcs7-mime") == 0 ||
           strcmp(type, "application/x-pkcs7-mime") == 0;
}

/* Of an endless name the middle is left out, since its end says what it is. */
static char *raw_name(GMimePart *part)
{
    enum { HEAD = 1000, TAIL = 200 };
    parse_mend_encoded_words(GMIME_OBJECT(part));
    const char *given = g_mime_part_get_filename(part);
    if (!given || strlen(given) <= PARSE_LINE_MOST)
        return parse_clean_line(given);
    g_autofree char *valid = g_utf8_make_valid(given, -1);
    const char *head_end = g_utf8_find_prev_char(valid, valid + HEAD + 1);
    const char *tail = g_utf8_find_next_char(valid + strlen(valid) - TAIL, NULL);
    g_autofree char *both = g_strdup_printf("%.*s%s", (int)(head_end - valid), valid, tail);
    return parse_clean_line(both);
}

/* The raw bytes of a message between two lines of the boundary; false when they cannot be told. */
static bool message_range(const Parse *parse, GMimeMessage *message, const char *boundary,
                          gsize *offset, gsize *length)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    GMimeHeader *first =
        g_mime_header_list_get_count(list) ? g_mime_header_list_get_header_at(list, 0) : NULL;
    gint64 start = first ? g_mime_header_get_offset(first) : -1;
    const char *name = first ? g_mime_header_get_raw_name(first) : NULL;
    if (start <= 0 || !name || (guint64)start + strlen(name) > parse->length ||
        memcmp(parse->bytes + start, name, strlen(name)) != 0)
        return false;
    g_autofree char *delimiter = g_strconcat("\n--", boundary, NULL);
    gsize left = parse->length - (gsize)start;
    const guint8 *end = memmem(parse->bytes + start, left, delimiter, strlen(delimiter));
    *offset = (gsize)start;
    *length = end ? (gsize)(end - parse->bytes) - *offset : left;
    return true;
}

void parse_attached_message(Parse *parse, GMimeMultipart *around, GMimeMessagePart *part)
{
    GMimeMessage *inner = g_mime_message_part_get_message(part);
    const char *boundary = g_mime_multipart_get_boundary(around);
    gsize offset, length;
    if (parse->nested || parse->message->parts->len >= PARSE_PARTS_MOST || !inner || !boundary ||
        !message_range(parse, inner, boundary, &offset, &length))
        return;
    g_autofree char *subject = parse_clean_line(g_mime_message_get_subject(inner));
    MailPart *mine = g_new0(MailPart, 1);
    mine->size = mine->length = (gint64)length;
    mine->offset = (gint64)offset;
    mine->encoding = g_strdup("8bit");
    mine->type = g_strdup("message/rfc822");
    mine->name_raw = subject ? g_strconcat(subject, ".eml", NULL) : NULL;
    mine->name = parse_safe_name(mine->name_raw, mine->type, parse->message->parts->len + 1);
    g_ptr_array_add(parse->message->parts, mine);
}

void parse_attachment(Parse *parse, GMimePart *part, bool is_inline)
{
    MailMessage *message = parse->message;
    gsize offset, length;
    if (parse->nested || message->parts->len >= PARSE_PARTS_MOST ||
        !parse_part_range(parse, part, &offset, &length)) {
        message->malformed = TRUE;
        return;
    }
    GMimeContentEncoding encoding = g_mime_part_get_content_encoding(part);
    if (encoding == GMIME_CONTENT_ENCODING_UUENCODE)
        encoding = GMIME_CONTENT_ENCODING_7BIT; /* handed out as it is */
    g_autoptr(GByteArray) start = g_byte_array_new();
    MailPart *mine = g_new0(MailPart, 1);
    mine->size = parse_decode(parse->bytes + offset, length, encoding, 256, start);
    mine->offset = (gint64)offset;
    mine->length = (gint64)length;
    mine->encoding = g_strdup(encoding_name(encoding));
    mine->type = type_of(part);
    mine->name_raw = raw_name(part);
    mine->name = parse_safe_name(mine->name_raw, mine->type, message->parts->len + 1);
    mine->signature = is_cades(mine->name, mine->type) ? g_strdup("CAdES") : NULL;
    mine->quarantine = parse_is_dangerous(mine->name_raw, mine->type, start->data, start->len);
    mine->is_inline = is_inline;
    g_ptr_array_add(message->parts, mine);
}
