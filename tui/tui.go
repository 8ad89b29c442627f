// Package tui is the screen on which a person settles a conflict, the board that shows
// where a train stands, the audit, and the urgent lane.
//
// # Shape
//
// [Session] is the work on one conflict as a value. [Session.Apply] takes an
// [Intent] (take the patch's lines, undo, open the hand-off window) and gives the
// next Session and the [Effect]s that the world is to carry out. It reads no
// file, clock or terminal; every earlier Session stays as it was, which is all
// that undo is. [Render] draws a Session as text and is as pure.
//
// Around them lie two thin shells that share everything else: [Run] for a
// terminal (model.go, the only file that knows Bubble Tea) and [Plain] for a pipe,
// a screen reader or a script. Both carry effects out through [Host], which the
// commands implement; what came of an effect returns as one more Intent.
//
// The board, the audit and the lane are smaller pairs of the same kind: [BoardSession.Press]
// and [RenderBoard], run by [RunBoard]; [AuditSession.Press] and [RenderAudit], run by
// [RunAudit]; [LaneSession.Press] and [RenderLane], run by [RunLane], which reads the
// lane again while it is looked at. They change nothing: they end with what the person wants next.
//
// Keys are a table (keys.go): the table moves the session, prints the footer and
// writes the help, so that none of them can be wrong about another.
//
// Read choice.go (what can be decided), session.go and decide.go (how), render.go
// and resolver.go (what is seen). [Measure] and [Combine] stand for themselves. The
// scripts in testdata are the screens: keys in, frames out.
//
// # Promises
//
//   - No choice is lost: each is handed to [Host.Save] at once.
//   - Undo has no limit, and goes through editor sessions too.
//   - Nothing is suggested and applied in one step; a person presses a key.
//   - What comes from data is cleaned by patchset/printable before it is drawn. The
//     bytes of the result are the bytes of the sides.
//   - Colour never carries a meaning that a word or a sign does not carry too.
//   - A frame costs what is visible, not what the file holds.
package tui
