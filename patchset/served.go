package patchset

// Served is what somebody who has nothing got of one branch of a repository.
type Served struct {
	// Failure says why nothing was got; "" when it was.
	Failure ServedFailure
	// Why is one line about the failure.
	Why string
	// Tip is the commit that the branch is at; with a failure, what the server said it is.
	Tip ID
	// Unread: the branch has not moved since the tip that was named as known, and nothing
	// was read.
	Unread bool
	// Files are those that were asked for and are there, by the path they were asked by.
	Files map[string]ServedFile
}

// ServedFile is a file of a served tree.
type ServedFile struct {
	Path string // where it is: it may have another name there
	Form
}

// ServedFailure is why a branch was not got.
type ServedFailure string

// The failures.
const (
	ServedSilent   ServedFailure = "silent"    // the server does not answer in time, or lets nobody in
	ServedNoBranch ServedFailure = "no branch" // it answers, and has no such branch
	ServedBroken   ServedFailure = "broken"    // it names a commit and cannot give what belongs to it
)

// AskedBranch is a branch that is asked what it serves.
type AskedBranch struct {
	Branch string
	Known  ID // the tip at which it need not be read again; "" for none
	Files  []AskedFile
}

// AskedFile is a file that is looked at in a served tree.
type AskedFile struct {
	Path string
	// Alike are contents by which it is known again where no file has its path.
	Alike []ID
}
