package audit_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/git-carry/git-carry/patchset"
)

// spoken are strings in a ledger that are words of the program or ids of objects, and those
// that would mean another thing if they were there.
func spoken(owner reflect.Type, f reflect.StructField) bool {
	switch owner.Name() + "." + f.Name {
	case "Patch.CarryID", "Conflict.Cause", "Target.Class", "Check.Absent", "Check.Command":
		return true
	}
	return f.Type == reflect.TypeFor[patchset.ID]()
}

// plant puts a canary into every string of a value that is empty, in whatever fact of the
// ledger, and one fact into every list. It returns the value, and the fields that it saw.
func plant(v reflect.Value, seen map[string]bool) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.Struct:
		if !reflect.Zero(v.Type()).CanInterface() || v.Type().PkgPath() == "time" {
			return out
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || spoken(v.Type(), f) {
				continue
			}
			if f.Type.Kind() == reflect.String {
				seen[v.Type().Name()+"."+f.Name] = true
				if v.Field(i).Len() == 0 {
					out.Field(i).SetString("canary-" + strings.ToLower(f.Name))
				}
				continue
			}
			out.Field(i).Set(plant(v.Field(i), seen))
		}
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.Struct && !v.IsNil() {
			out.Set(reflect.MakeMap(v.Type()))
			for _, key := range v.MapKeys() {
				out.SetMapIndex(key, plant(v.MapIndex(key), seen))
			}
		}
	case reflect.Slice:
		switch elem := v.Type().Elem(); {
		case elem.Kind() == reflect.String && v.Len() == 0 && elem != reflect.TypeFor[patchset.ID]():
			out.Set(reflect.Append(out, reflect.ValueOf("canary-listed").Convert(elem)))
		case elem.Kind() == reflect.Struct:
			if v.Len() == 0 {
				v = reflect.Append(v, reflect.Zero(elem))
			}
			out.Set(reflect.MakeSlice(v.Type(), 0, v.Len()))
			for i := range v.Len() {
				out.Set(reflect.Append(out, plant(v.Index(i), seen)))
			}
		}
	case reflect.Pointer:
		if v.Type().Elem().Kind() == reflect.Struct && !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(plant(v.Elem(), seen))
		}
	}
	return out
}

// plantCanaries does it with a whole ledger.
func plantCanaries(l *patchset.Ledger) map[string]bool {
	seen := map[string]bool{}
	*l = plant(reflect.ValueOf(*l), seen).Interface().(patchset.Ledger)
	return seen
}

// TestCanariesAreEverywhere: what plantCanaries puts in comes to at least one string of every
// kind of fact, so that a field which is new has one, too.
func TestCanariesAreEverywhere(t *testing.T) {
	w := canaries(t)
	seen := plantCanaries(&w.ledger)
	for _, fact := range []reflect.Type{
		reflect.TypeFor[patchset.Store](), reflect.TypeFor[patchset.Component](), reflect.TypeFor[patchset.Version](), reflect.TypeFor[patchset.Base](),
		reflect.TypeFor[patchset.Patch](), reflect.TypeFor[patchset.Event](), reflect.TypeFor[patchset.Incarnation](), reflect.TypeFor[patchset.Ground](),
		reflect.TypeFor[patchset.Check](), reflect.TypeFor[patchset.Conflict](), reflect.TypeFor[patchset.Resolution](), reflect.TypeFor[patchset.Handoff](),
		reflect.TypeFor[patchset.Target](), reflect.TypeFor[patchset.Published](), reflect.TypeFor[patchset.Failure](), reflect.TypeFor[patchset.Told](),
	} {
		for i := range fact.NumField() {
			f := fact.Field(i)
			if f.Type.Kind() == reflect.String && !spoken(fact, f) && !seen[fact.Name()+"."+f.Name] {
				t.Errorf("no canary in %s.%s", fact.Name(), f.Name)
			}
		}
	}
}
