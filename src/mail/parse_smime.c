/* parse_smime.c - which bytes of a message are signed (RFC 1847, RFC 8551), and the authorities of
 * this process.
 *
 * Only a signature over the whole message counts. What is verified are the raw bytes between the
 * boundaries; that they are what GMime read, and that nothing else of the message is shown, is
 * checked by the places of the parts.
 */
#include "mail/parse_internal.h"
#include "mail/smime.h"

#include <string.h>

#define SIGNATURE_MOST ((gsize)256 * 1024) /* decoded bytes of a detached one */

static X509_STORE *authorities; /* NULL: none */

/* A signature of nobody (P-256, content inside). */
static const char sample[] =
    /* clang-format off */
    "MIIC4QYJKoZIhvcNAQcCoIIC0jCCAs4CAQExDTALBglghkgBZQMEAgEwLgYJKoZIhvcNAQcBoCEEH0NvbnRl"
    "bnQtVHlwZTogdGV4dC9wbGFpbg0KDQp4DQqgggGIMIIBhDCCASugAwIBAgIUZqdYvUo71HpNBDdBYDfBqrG1"
    "C34wCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEd2FybTAeFw0yNjExMjgxMjI1NDNaFw0zNjExMjUxMjI1NDNa"
    "MA8xDTALBgNVBAMMBHdhcm0wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASy8GPR/KzU8D4pRPpIuky5Wx17"
    "U/n5c8ySP3oBf4RIgI4YYfHWPEBziPBriT+JZ0swlON+m9k4V2d4p5ydtG6vo2UwYzAdBgNVHQ4EFgQUubwL"
    "PeljwnRt2v3ddAJ0j7UtiZMwHwYDVR0jBBgwFoAUubwLPeljwnRt2v3ddAJ0j7UtiZMwFgYDVR0RBA8wDYEL"
    "YUBiLmV4YW1wbGUwCQYDVR0TBAIwADAKBggqhkjOPQQDAgNHADBEAiAnXfMIUNEYbE+0kwpi+xfXlRyASqKx"
    "Y7VTUZVwa2qKfAIgBQZUlvH7+XAHAKJLYDowepYm0g12rUiE8KJrzyf7vgQxgf0wgfoCAQEwJzAPMQ0wCwYD"
    "VQQDDAR3YXJtAhRmp1i9SjvUek0EN0FgN8GqsbULfjALBglghkgBZQMEAgGgaTAYBgkqhkiG9w0BCQMxCwYJ"
    "KoZIhvcNAQcBMBwGCSqGSIb3DQEJBTEPFw0yNjExMjgxMjI1NDNaMC8GCSqGSIb3DQEJBDEiBCBq54CaaDBe"
    "udbx64xuMB/jnNsh+aEBHZ/gJhisdPo4RjAKBggqhkjOPQQDAgRIMEYCIQDRNhS3/mFJqEfI1YVyWAhXRZGj"
    "ijHyIZPkfQiPzUB6twIhAM8xFi7aGkj2VVfjgCtnJVldGCS28hU+ml8WNYsJPFuU";
/* clang-format on */

/* Whatever OpenSSL makes at its first use is made now. */
static void judge_sample(void)
{
    gsize length;
    g_autofree guint8 *der = g_base64_decode(sample, &length);
    X509_STORE *empty = X509_STORE_new();
    MailSignature signature = {0};
    smime_judge(&(SmimeSigned){der, length, NULL, 0}, empty, 0, NULL, &signature);
    g_assert(g_strcmp0(signature.reason, SMIME_ALTERED) != 0);
    g_assert(g_strcmp0(signature.reason, SMIME_UNREADABLE) != 0);
    g_free(signature.signer);
    g_free(signature.reason);
    X509_STORE_free(empty);
}

void parse_smime_warm(const char *ca_file)
{
    /* no file of the system decides what is accepted here, and none could be read later */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    X509_STORE_free(authorities);
    authorities = ca_file ? smime_store_load(ca_file) : NULL;
    judge_sample();
}

/* --- what it is ---------------------------------------------------------------------------- */

static bool is_one_of(GMimeObject *object, const char *const *types)
{
    g_autofree char *type =
        g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object));
    g_autofree char *folded = g_ascii_strdown(type ? type : "", -1);
    return g_strv_contains(types, folded);
}

static bool is_smime_signature(GMimeObject *object)
{
    static const char *const types[] = {"application/pkcs7-signature",
                                        "application/x-pkcs7-signature", NULL};
    return GMIME_IS_PART(object) && is_one_of(object, types);
}

static bool parameter_is(GMimeObject *object, const char *name, const char *wanted)
{
    const char *value = g_mime_object_get_content_type_parameter(object, name);
    return value && g_ascii_strcasecmp(value, wanted) == 0;
}

/* A signed document that was sent alone has the same type, but its own name. */
static bool is_opaque(GMimeObject *object)
{
    static const char *const types[] = {"application/pkcs7-mime", "application/x-pkcs7-mime", NULL};
    return GMIME_IS_PART(object) && is_one_of(object, types) &&
           (parameter_is(object, "smime-type", "signed-data") ||
            parameter_is(object, "name", "smime.p7m"));
}

/* --- where it is --------------------------------------------------------------------------- */

typedef struct {
    gsize from, until; /* of the signed bytes in the raw message */
} Place;

static gsize after_line(const Parse *parse, gsize at)
{
    const guint8 *end = memchr(parse->bytes + at, '\n', parse->length - at);
    return end ? (gsize)(end - parse->bytes) + 1 : parse->length;
}

static gsize after_headers(const Parse *parse)
{
    gsize at = 0;
    while (at < parse->length && parse->bytes[at] != '\n' &&
           !(parse->bytes[at] == '\r' && at + 1 < parse->length && parse->bytes[at + 1] == '\n'))
        at = after_line(parse, at);
    return at;
}

/* A delimiter line (RFC 2046, 5.1.1); also the last one, which has two hyphens more. */
static bool is_delimiter(const Parse *parse, gsize at, gsize next, const char *boundary)
{
    gsize length = strlen(boundary);
    if (next - at < length + 2 || memcmp(parse->bytes + at, "--", 2) != 0 ||
        memcmp(parse->bytes + at + 2, boundary, length) != 0)
        return false;
    at += length + 2;
    if (next - at >= 2 && memcmp(parse->bytes + at, "--", 2) == 0)
        at += 2;
    while (at < next && strchr(" \t\r\n", parse->bytes[at]) && parse->bytes[at])
        at++;
    return at == next;
}

/* The next delimiter from `at` on; the length of the message when there is none. */
static gsize find_delimiter(const Parse *parse, gsize at, const char *boundary)
{
    while (at < parse->length) {
        gsize next = after_line(parse, at);
        if (is_delimiter(parse, at, next, boundary))
            return at;
        at = next;
    }
    return at;
}

/* From after the first delimiter's line to before the line end of the next (RFC 1847, 2.1). */
static bool find_signed(const Parse *parse, const char *boundary, Place *place)
{
    gsize first = find_delimiter(parse, after_headers(parse), boundary);
    if (first == parse->length)
        return false;
    place->from = after_line(parse, first);
    place->until = find_delimiter(parse, place->from, boundary);
    if (place->until == parse->length || place->until == place->from)
        return false;
    place->until--;
    if (place->until > place->from && parse->bytes[place->until - 1] == '\r')
        place->until--;
    return true;
}

/* Everything that GMime found below lies in that place. */
static bool lies_in(const Parse *parse, GMimeObject *object, const Place *place, guint depth,
                    guint *left)
{
    if (depth > PARSE_DEPTH_MOST || *left == 0)
        return false;
    --*left;
    if (GMIME_IS_MULTIPART(object)) {
        GMimeMultipart *multipart = GMIME_MULTIPART(object);
        for (int i = 0; i < g_mime_multipart_get_count(multipart); i++)
            if (!lies_in(parse, g_mime_multipart_get_part(multipart, i), place, depth + 1, left))
                return false;
        return true;
    }
    if (GMIME_IS_MESSAGE_PART(object)) {
        GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        GMimeObject *body = message ? g_mime_message_get_mime_part(message) : NULL;
        return !body || lies_in(parse, body, place, depth + 1, left);
    }
    gsize offset, length;
    if (!GMIME_IS_PART(object) || !parse_part_range(parse, GMIME_PART(object), &offset, &length))
        return true; /* no bytes, nothing to show */
    return offset >= place->from && offset + length <= place->until;
}

/* --- the judgement ------------------------------------------------------------------------- */

static void refuse(Parse *parse, const char *why)
{
    parse->message->signature.present = TRUE;
    parse->message->signature.reason = g_strdup(why);
}

static gint64 instant(const Parse *parse)
{
    if (parse->received_at != G_MININT64)
        return parse->received_at;
    return parse->message->date_at == G_MININT64 ? 0 : parse->message->date_at;
}

static void judge(Parse *parse, const SmimeSigned *mail)
{
    MailMessage *message = parse->message;
    smime_judge(mail, authorities, instant(parse), message->outer_from.email, &message->signature);
}

void parse_signature(Parse *parse, GMimeObject *body)
{
    if (!GMIME_IS_MULTIPART(body) ||
        !g_mime_content_type_is_type(g_mime_object_get_content_type(body), "multipart", "signed"))
        return;
    GMimeMultipart *multipart = GMIME_MULTIPART(body);
    int n = g_mime_multipart_get_count(multipart);
    GMimeObject *last = n > 1 ? g_mime_multipart_get_part(multipart, n - 1) : NULL;
    if (!last || !is_smime_signature(last)) {
        if (parameter_is(body, "protocol", "application/pkcs7-signature") ||
            parameter_is(body, "protocol", "application/x-pkcs7-signature"))
            refuse(parse, SMIME_UNREADABLE);
        return; /* else another kind of signature */
    }
    const char *boundary = g_mime_multipart_get_boundary(multipart);
    guint left = PARSE_NODES_MOST;
    Place place;
    if (n != 2 || !boundary || !find_signed(parse, boundary, &place) ||
        !lies_in(parse, g_mime_multipart_get_part(multipart, 0), &place, 0, &left)) {
        refuse(parse, SMIME_PARTIAL);
        return;
    }
    g_autoptr(GByteArray) der = parse_part_bytes(parse, GMIME_PART(last), SIGNATURE_MOST);
    if (der->len >= SIGNATURE_MOST) {
        refuse(parse, SMIME_UNREADABLE);
        return;
    }
    judge(parse,
          &(SmimeSigned){der->data, der->len, parse->bytes + place.from, place.until - place.from});
}

GBytes *parse_opaque(Parse *parse, GMimeObject *body)
{
    if (!is_opaque(body))
        return NULL;
    g_autoptr(GByteArray) der = parse_part_bytes(parse, GMIME_PART(body), parse->length);
    g_autoptr(GBytes) content = smime_content(der->data, der->len);
    if (!content)
        return NULL; /* encrypted, or no signature at all: a document like others */
    judge(parse, &(SmimeSigned){der->data, der->len, NULL, 0});
    return g_steal_pointer(&content);
}
