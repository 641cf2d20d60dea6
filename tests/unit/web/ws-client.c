/* ws-client.c - see ws-client.h. */
#include "ws-client.h"
#include <string.h>
#include <sys/socket.h>

static void send_all(int fd, const guint8 *bytes, gsize length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* ended by the other side: the test finds out when it reads */
        bytes += sent;
        length -= (gsize)sent;
    }
}

static void append_length(GByteArray *frame, gsize length, gboolean mask)
{
    const guint8 bit = mask ? 0x80 : 0;
    guint8 bytes[9] = {0};
    guint count = length < 126 ? 0 : length < 65536 ? 2 : 8;
    bytes[0] = (guint8)(bit | (count == 0 ? length : count == 2 ? 126 : 127));
    for (guint i = 0; i < count; i++)
        bytes[count - i] = (guint8)(length >> (8 * i));
    g_byte_array_append(frame, bytes, 1 + count);
}

void ws_send(int fd, guint8 first, const void *payload, gsize length, gboolean mask)
{
    static const guint8 key[4] = {0x12, 0x9a, 0x00, 0xf3};
    g_autoptr(GByteArray) frame = g_byte_array_new();
    g_byte_array_append(frame, &first, 1);
    append_length(frame, length, mask);
    if (mask)
        g_byte_array_append(frame, key, sizeof key);
    for (gsize i = 0; i < length; i++) {
        guint8 byte = ((const guint8 *)payload)[i];
        if (mask)
            byte ^= key[i % 4];
        g_byte_array_append(frame, &byte, 1);
    }
    send_all(fd, frame->data, frame->len);
}

void ws_say(int fd, const char *text)
{
    ws_send(fd, 0x80 | WS_TEXT, text, strlen(text), TRUE);
}

static gboolean read_all(int fd, void *bytes, gsize length)
{
    return length == 0 || recv(fd, bytes, length, MSG_WAITALL) == (ssize_t)length;
}

WsFrame ws_read_any(int fd)
{
    WsFrame frame = {.opcode = WS_ENDED};
    guint8 head[2], extended[8];
    if (!read_all(fd, head, 2))
        return frame;
    frame.length = head[1] & 0x7f;
    guint count = frame.length == 126 ? 2 : frame.length == 127 ? 8 : 0;
    if (!read_all(fd, extended, count))
        return frame;
    if (count > 0)
        frame.length = 0;
    for (guint i = 0; i < count; i++)
        frame.length = frame.length << 8 | extended[i];
    frame.payload = g_malloc0(frame.length + 1);
    if (read_all(fd, frame.payload, frame.length))
        frame.opcode = head[0] & 0x0f;
    return frame;
}

WsFrame ws_read(int fd)
{
    for (guint pings = 0; pings < 2; pings++) { /* a ping every 20 s */
        WsFrame frame = ws_read_any(fd);
        if (frame.opcode != WS_PING)
            return frame;
        ws_send(fd, 0x80 | WS_PONG, frame.payload, frame.length, TRUE);
        ws_frame_clear(&frame);
    }
    return (WsFrame){.opcode = WS_ENDED};
}

void ws_frame_clear(WsFrame *frame)
{
    g_free(frame->payload);
    frame->payload = NULL;
}

guint ws_close_code(const WsFrame *frame)
{
    if (frame->opcode != WS_CLOSE || frame->length < 2)
        return 0;
    return (guint)((guint8)frame->payload[0] << 8 | (guint8)frame->payload[1]);
}
