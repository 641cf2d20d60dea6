/* room.h - the rooms: who waits in the lobby, who is inside, and what they tell each other.
 *
 * A room exists while somebody is connected to its topic "room/{appointment}" and a minute longer.
 * It lives in the loop thread; what it changes in the store (waiting, in_call, booked again) is
 * written by one thread of its own, in order, and told to the desks. Nobody is present before
 * "enter": link scanners open pages.
 *
 * Messages are JSON objects with a `type`. From a seat: enter, leave, admit {peer}, signal {to,
 * data}, media {camera, microphone}. To a seat: welcome, lobby, admitted, peers, signal {from,
 * data}, ended {reason}, refused {reason: early, full, ended}.
 */
#pragma once
#include "base/clock.h"
#include "room/hub.h"
#include "store/appointment.h"

typedef struct Rooms Rooms;

typedef struct {
    const char *const *stun_urls; /* ended by NULL; may be NULL */
    const char *const *turn_urls;
    const char *turn_secret; /* coturn's use-auth-secret; NULL: no TURN */
} RoomSettings;

/* Called by the rooms' own thread after each change that the desks should see. */
typedef void RoomChanged(gint64 office_id, const char *request_code, const char *state,
                         gpointer context);

/* Registers with the hub and takes up the lobbies and calls that the store knows of; borrows all.
 */
Rooms *rooms_new(Store *store, Clock *clock, Hub *hub, const RoomSettings *settings,
                 RoomChanged *changed, gpointer context);
void rooms_free(Rooms *rooms); /* after the loop has ended; waits for what is being written */

/* One seat, handed to http_reply_websocket with room_seat_free. */
typedef struct RoomSeat RoomSeat;
typedef struct {
    gint64 participant; /* the citizen's participant id; the officer's id negated */
    ParticipantRole role;
    const char *name;
    guint lobby_min, max_people;
} RoomSeatSettings;
RoomSeat *room_seat_new(const Appointment *appointment, const RoomSeatSettings *settings);
void room_seat_free(gpointer seat);
char *room_topic(gint64 appointment_id); /* owned by the caller */

/* Any thread: everybody in the room is told and sent out; `reason` is "ended" or "cancelled". */
void rooms_end(Rooms *rooms, gint64 appointment_id, const char *reason);
/* Any thread, about once a second: whoever left the lobby 60 s ago is no longer waiting. */
void rooms_tick(Rooms *rooms);
