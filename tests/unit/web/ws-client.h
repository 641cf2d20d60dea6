/* ws-client.h - a WebSocket client that writes frames byte by byte, right ones and wrong ones. */
#pragma once
#include <glib.h>

enum {
    WS_MORE = 0x0,
    WS_TEXT = 0x1,
    WS_BINARY = 0x2,
    WS_CLOSE = 0x8,
    WS_PING = 0x9,
    WS_PONG = 0xa
};

/* first: FIN bit and opcode, e.g. 0x81; masked as a client must unless `mask` is FALSE. */
void ws_send(int fd, guint8 first, const void *payload, gsize length, gboolean mask);
void ws_say(int fd, const char *text); /* one text message */

typedef struct {
    guint opcode; /* 0x10: the connection ended, or nothing came */
    char *payload;
    gsize length;
} WsFrame;
WsFrame ws_read(int fd); /* the next frame, pings answered and left out; gives up after 40 s */
WsFrame ws_read_any(int fd);
void ws_frame_clear(WsFrame *frame);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(WsFrame, ws_frame_clear)
guint ws_close_code(const WsFrame *frame); /* 0: no close frame */
#define WS_ENDED 0x10
