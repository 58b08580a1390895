// render CHART RELEASE NAMESPACE [VALUES.json]: the chart's objects as YAML, as `helm template` gives them, for machines
// without Helm: Go's templates with Sprig's functions are what Helm is made of.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type files string

func (f files) Get(name string) string {
	text, err := os.ReadFile(filepath.Join(string(f), name))
	check(err)
	return string(text)
}

func main() {
	log.SetFlags(0)
	folder := os.Args[1]
	values := object(filepath.Join(folder, "values.yaml"))
	if len(os.Args) > 4 {
		given := map[string]any{}
		check(json.Unmarshal([]byte(os.Args[4]), &given))
		override(values, given)
	}
	about := object(filepath.Join(folder, "Chart.yaml"))
	chart := map[string]any{"Name": about["name"], "Version": about["version"], "AppVersion": about["appVersion"]}
	release := map[string]any{"Name": os.Args[2], "Namespace": os.Args[3], "Service": "Helm"}
	data := map[string]any{"Values": values, "Chart": chart, "Release": release, "Files": files(folder)}

	all := template.New("chart").Option("missingkey=error")
	all.Funcs(sprig.TxtFuncMap()).Funcs(template.FuncMap{
		"include": func(name string, data any) (string, error) {
			var text bytes.Buffer
			err := all.ExecuteTemplate(&text, name, data)
			return text.String(), err
		},
		"toYaml": func(value any) (string, error) {
			text, err := yaml.Marshal(value)
			return strings.TrimSuffix(string(text), "\n"), err
		},
	})
	names, err := filepath.Glob(filepath.Join(folder, "templates", "*"))
	check(err)
	sort.Strings(names)
	for _, name := range names {
		text, err := os.ReadFile(name)
		check(err)
		template.Must(all.New(filepath.Base(name)).Parse(string(text)))
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".yaml") {
			fmt.Println("---")
			check(all.ExecuteTemplate(os.Stdout, filepath.Base(name), data))
		}
	}
	var notes bytes.Buffer
	check(all.ExecuteTemplate(&notes, "NOTES.txt", data))
}

func object(path string) map[string]any {
	text, err := os.ReadFile(path)
	check(err)
	value := map[string]any{}
	check(yaml.Unmarshal(text, &value))
	return value
}

func override(values, given map[string]any) {
	for name, value := range given {
		below, isObject := values[name].(map[string]any)
		if above, both := value.(map[string]any); isObject && both {
			override(below, above)
		} else {
			values[name] = value
		}
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
