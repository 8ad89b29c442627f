package cmd

import "context"

// laneDoc is the urgent lane in a few lines, for git carry status.
type laneDoc struct {
	Items []laneItem `json:"items"`
	Drill drillAge   `json:"drill"`
}

type laneItem struct {
	Item     string   `json:"item"`
	State    string   `json:"state"`
	Sentence string   `json:"sentence"`
	Next     []string `json:"next"`
}

// laneDoc tells what is in the lane; nil in a vault that never had anything in it.
func (a *app) laneDoc(ctx context.Context, r reading) (*laneDoc, error) {
	lane, err := laneOf(r.ledger)
	if err != nil || !lane.Used() {
		return nil, err
	}
	doc := &laneDoc{Items: []laneItem{}, Drill: a.drillAge(r, lane)}
	for _, id := range lane.Open() {
		look, err := a.lookAt(ctx, r, lane, lane.Items[id])
		if err != nil {
			return nil, err
		}
		advice, err := a.advise(ctx, look)
		if err != nil {
			return nil, err
		}
		doc.Items = append(doc.Items, laneItem{id, string(look.State()), advice.Sentence, advice.Command})
	}
	return doc, nil
}

func (doc *laneDoc) report(a *app) {
	for _, item := range doc.Items {
		a.say("URGENT  %s", item.Sentence)
		if len(item.Next) > 0 {
			a.say("        %s", shellWords(item.Next))
		}
	}
	if doc.Drill.Complaint != "" {
		a.say("URGENT  %s", doc.Drill.Complaint)
	}
	if len(doc.Items) > 0 || doc.Drill.Complaint != "" {
		a.say("")
	}
}
