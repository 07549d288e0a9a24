using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Tests.Apply;

public sealed class ServerSideApplyTests
{
    private static readonly TypeSchema Deployment = ApiCatalog.Default.TypeOf("apps/v1", "Deployment")!;
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private const string Web = """
        {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: default, labels: {app: web}},
         spec: {replicas: 3, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}},
         spec: {containers: [{name: web, image: nginx, ports: [{containerPort: 80}]}]}}}}
        """;

    [Fact]
    public void What_is_applied_is_owned()
    {
        var created = Apply(null, Web, "me");
        Trees.Equal(
            Trees.Yaml("""
                f:metadata: {f:labels: {f:app: {}}}
                f:spec:
                  f:replicas: {}
                  f:selector: {}
                  f:template:
                    f:metadata: {f:labels: {f:app: {}}}
                    f:spec:
                      f:containers:
                        'k:{"name":"web"}':
                          .: {}
                          f:name: {}
                          f:image: {}
                          f:ports: {'k:{"containerPort":80,"protocol":"TCP"}': {.: {}, f:containerPort: {}}}
                """),
            Entry(created, "me")["fieldsV1"]);
        Assert.Equal(("Apply", "apps/v1", "FieldsV1", "2026-01-02T12:00:00Z"), (
            Entry(created, "me").Text("operation"), Entry(created, "me").Text("apiVersion"), Entry(created, "me").Text("fieldsType"), Entry(created, "me").Text("time")));
    }

    [Fact]
    public void What_is_no_longer_applied_is_removed()
    {
        var live = Apply(null, Web, "me");
        var result = Apply(live, """
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: default},
             spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: other, image: nginx}]}}}}
            """, "me");
        Assert.Null(result.Metadata()!["labels"]);
        Assert.Null(result.Spec()!["replicas"]);
        Assert.Equal("other", Assert.Single(result["spec"]!["template"]!["spec"]!["containers"]!.AsArray())!["name"]!.GetValue<string>());
    }

    [Fact]
    public void What_another_manager_owns_stays()
    {
        var live = Apply(Apply(null, Web, "me"), "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, labels: {team: a}}, spec: {replicas: 3}}", "other");
        var result = Apply(live, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {}}", "me");
        Assert.Equal(3, result.Spec()!.Number("replicas"));
        Trees.Equal(Trees.Yaml("{team: a}"), result.Metadata()!["labels"]);
    }

    [Fact]
    public void Another_value_for_an_owned_field_conflicts_unless_forced()
    {
        var live = Apply(null, Web, "me");
        const string more = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 5}}";
        var refused = ServerSideApply.Apply(live, Trees.Yaml(more), Deployment, Manager("other"), force: false);
        Assert.Null(refused.Object);
        Assert.Equal([new ApplyConflict("\"me\"", ".spec.replicas")], refused.Conflicts);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"me\": .spec.replicas", ApplyConflict.Describe(refused.Conflicts));

        var forced = Apply(live, more, "other", force: true);
        Assert.Equal(5, forced.Spec()!.Number("replicas"));
        Assert.Null(Entry(forced, "me")["fieldsV1"]!["f:spec"]!["f:replicas"]);
        Assert.NotNull(Entry(forced, "other")["fieldsV1"]!["f:spec"]!["f:replicas"]);
    }

    [Fact]
    public void The_same_value_is_shared()
    {
        var live = Apply(Apply(null, Web, "me"), "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 3}}", "other");
        Assert.NotNull(Entry(live, "me")["fieldsV1"]!["f:spec"]!["f:replicas"]);
        Assert.NotNull(Entry(live, "other")["fieldsV1"]!["f:spec"]!["f:replicas"]);
    }

    [Fact]
    public void Applying_the_same_again_changes_nothing()
    {
        var live = Apply(null, Web, "me");
        var again = ServerSideApply.Apply(live, Trees.Yaml(Web), Deployment, Manager("me") with { Time = Noon.AddHours(1) }, force: false);
        Trees.Equal(live, again.Object);
    }

    [Fact]
    public void Many_conflicts_are_listed_by_manager()
    {
        var live = Apply(null, Web, "me");
        var refused = ServerSideApply.Apply(
            live, Trees.Yaml("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 5, template: {spec: {containers: [{name: web, image: x}]}}}}"),
            Deployment, Manager("other"), force: false);
        Assert.Equal(
            "Apply failed with 2 conflicts: conflicts with \"me\":\n- .spec.replicas\n- .spec.template.spec.containers[name=\"web\"].image",
            ApplyConflict.Describe(refused.Conflicts));
    }

    [Fact]
    public void An_update_takes_over_what_it_changes()
    {
        var live = Apply(null, Web, "me");
        var updated = (JsonObject)live.DeepClone();
        updated["spec"]!["replicas"] = 9L;
        updated["metadata"]!["annotations"] = new JsonObject { ["note"] = "x" };
        ServerSideApply.TrackUpdate(live, updated, Deployment, Manager("editor"));
        Trees.Equal(Trees.Yaml("{f:metadata: {f:annotations: {.: {}, f:note: {}}}, f:spec: {f:replicas: {}}}"), Entry(updated, "editor")["fieldsV1"]);
        Assert.Null(Entry(updated, "me")["fieldsV1"]!["f:spec"]!["f:replicas"]);
        var refused = ServerSideApply.Apply(updated, Trees.Yaml(Web), Deployment, Manager("me"), force: false);
        Assert.Equal([new ApplyConflict("\"editor\" using apps/v1", ".spec.replicas")], refused.Conflicts);
    }

    [Fact]
    public void An_update_that_changes_nothing_leaves_no_trace()
    {
        var live = Apply(null, Web, "me");
        var updated = (JsonObject)live.DeepClone();
        ServerSideApply.TrackUpdate(live, updated, Deployment, Manager("editor"));
        Trees.Equal(live, updated);
    }

    [Fact]
    public void A_create_owns_what_it_sets_and_what_was_defaulted()
    {
        var obj = JsonCodec.Conform(Trees.Yaml(Web), Deployment).Object!;
        ServerSideApply.TrackUpdate(null, obj, Deployment, Manager("kubectl-create"));
        Trees.Equal(
            Trees.Yaml("""
                f:metadata: {f:labels: {.: {}, f:app: {}}}
                f:spec:
                  f:replicas: {}
                  f:selector: {}
                  f:template:
                    f:metadata: {f:labels: {.: {}, f:app: {}}}
                    f:spec:
                      f:containers:
                        'k:{"name":"web"}':
                          .: {}
                          f:name: {}
                          f:image: {}
                          f:ports: {.: {}, 'k:{"containerPort":80,"protocol":"TCP"}': {.: {}, f:containerPort: {}}}
                          f:resources: {}
                """),
            Entry(obj, "kubectl-create")["fieldsV1"]);
    }

    [Fact]
    public void A_subresource_has_an_entry_of_its_own()
    {
        var live = Apply(null, Web, "me");
        var updated = (JsonObject)live.DeepClone();
        updated["status"] = new JsonObject { ["replicas"] = 1L };
        ServerSideApply.TrackUpdate(live, updated, Deployment, Manager("controller") with { Subresource = "status" });
        var entry = Entry(updated, "controller");
        Assert.Equal("status", entry.Text("subresource"));
        Trees.Equal(Trees.Yaml("{f:status: {f:replicas: {}}}"), entry["fieldsV1"]);
    }

    [Fact]
    public void The_first_apply_to_an_untracked_object_respects_who_wrote_it()
    {
        var live = JsonCodec.Conform(Trees.Yaml(Web), Deployment).Object!;
        var refused = ServerSideApply.Apply(
            live, Trees.Yaml("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 5}}"), Deployment, Manager("me"), force: false);
        Assert.Equal([new ApplyConflict("\"before-first-apply\" using apps/v1", ".spec.replicas")], refused.Conflicts);
    }

    [Theory]
    [InlineData("{spec: {foo: 1}}", ".spec.foo: field not declared in schema")]
    [InlineData("{spec: {replicas: x}}", ".spec.replicas: expected numeric (int or float), got string")]
    [InlineData("{spec: {template: {spec: {containers: [{name: a}, {name: a}]}}}}", ".spec.template.spec.containers: duplicate entries for key [name=\"a\"]")]
    [InlineData("{spec: {template: {spec: {containers: [a]}}}}", ".spec.template.spec.containers: element 0: associative list with keys may not have non-map elements")]
    [InlineData("{spec: {template: {spec: {containers: x}}}}", ".spec.template.spec.containers: expected list, got &{x}")]
    [InlineData("{spec: {selector: [a]}}", ".spec.selector: expected map, got &{[a]}")]
    [InlineData("{spec: {paused: {a: b}}}", ".spec.paused: expected boolean, got &{map[a:b]}")]
    [InlineData("{metadata: {labels: {a: 1}}, spec: {}}", ".metadata.labels.a: expected string, got &value.valueUnstructured{Value:1}")]
    public void A_configuration_that_does_not_fit_is_refused(string yaml, string expected)
    {
        var configuration = Trees.Yaml(yaml);
        (configuration["apiVersion"], configuration["kind"]) = ("apps/v1", "Deployment");
        var metadata = configuration.Ensure("metadata");
        (metadata["name"], metadata["namespace"]) = ("web", "default");
        var result = ServerSideApply.Apply(null, configuration, Deployment, Manager("me"), force: false);
        Assert.Equal($"failed to create typed patch object (default/web; apps/v1, Kind=Deployment): {expected}", result.Error);
    }

    [Fact]
    public void An_error_names_a_core_kind_with_the_slash_of_its_empty_group()
    {
        var configuration = Trees.Yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, odd: 1}");
        var result = ServerSideApply.Apply(null, configuration, ApiCatalog.Default.Resource("", "v1", "configmaps")!.Schema, Manager("me"), force: false);
        Assert.Equal("failed to create typed patch object (/a; /v1, Kind=ConfigMap): .odd: field not declared in schema", result.Error);
    }

    [Fact]
    public void A_null_leaves_the_parts_of_what_it_stands_for_alone()
    {
        var live = Apply(null, Web, "other");
        foreach (var nothing in (string[])["spec: null", "spec: {template: null}"])
        {
            var result = Apply(live, $"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, {nothing}}}", "me");
            Trees.Equal(live["spec"], result["spec"]);
        }
    }

    [Fact]
    public void An_item_without_its_key_has_the_empty_one()
    {
        var result = Apply(null, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {containers: [{image: a}]}}}}", "me");
        Assert.Contains("k:{\\\"name\\\":\\\"\\\"}", result["metadata"]!["managedFields"]!.ToJsonString(JsonCodec.NodeOptions), StringComparison.Ordinal);
    }

    [Fact]
    public void Conflicts_are_told_from_the_outside_in()
    {
        var live = Apply(null, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 1, template: {spec: {containers: [{name: a, image: b}], hostname: c}}}}", "other");
        var refused = ServerSideApply.Apply(
            live, Trees.Yaml("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 2, template: {spec: {containers: [{name: a, image: x}], hostname: y}}}}"),
            Deployment, Manager("me"), force: false);
        Assert.Equal(
            [".spec.replicas", ".spec.template.spec.hostname", ".spec.template.spec.containers[name=\"a\"].image"],
            refused.Conflicts.Select(static conflict => conflict.Field));
    }

    [Fact]
    public void Items_come_in_the_order_of_the_configuration_and_others_keep_their_place()
    {
        var live = Apply(null, """
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {containers: [{name: x}, {name: a}, {name: y}, {name: b}]}}}}
            """, "other");
        var result = Apply(live, """
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {containers: [{name: b}, {name: a}, {name: c}]}}}}
            """, "me");
        Assert.Equal(["x", "b", "a", "y", "c"], result["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Select(static item => item!["name"]!.GetValue<string>()));
    }

    [Fact]
    public void The_managers_of_an_object_can_be_cleared()
    {
        var live = Apply(null, Web, "me");
        var updated = (JsonObject)live.DeepClone();
        updated["metadata"]!["managedFields"] = new JsonArray(new JsonObject());
        ServerSideApply.TrackUpdate(live, updated, Deployment, Manager("editor"));
        Assert.Null(updated.Metadata()!["managedFields"]);
    }

    [Fact]
    public void Many_updaters_share_an_entry_in_the_end()
    {
        var live = Apply(null, Web, "me");
        for (var i = 0; i < 15; i++)
        {
            var updated = (JsonObject)live.DeepClone();
            updated["metadata"]!["labels"]!["l" + i] = "x";
            ServerSideApply.TrackUpdate(live, updated, Deployment, Manager("m" + i) with { Time = Noon.AddMinutes(i) });
            live = updated;
        }

        Assert.Equal(11, live.Metadata()!.List("managedFields")!.Count);
        Assert.NotNull(Entry(live, "ancient-changes")["fieldsV1"]!["f:metadata"]!["f:labels"]!["f:l0"]);
    }

    private static FieldManager Manager(string name) => new(name, "apps/v1", "", Noon, []);

    private static JsonObject Apply(JsonObject? live, string yaml, string manager, bool force = false)
    {
        var before = live?.DeepClone();
        var result = ServerSideApply.Apply(live, Trees.Yaml(yaml), Deployment, Manager(manager), force);
        Assert.Null(result.Error);
        Assert.Empty(result.Conflicts);
        Assert.True(JsonNode.DeepEquals(before, live), "the live object was changed");
        return result.Object!;
    }

    private static JsonObject Entry(JsonObject obj, string manager) => Assert.Single(obj.Metadata()!.Items("managedFields"), entry => entry.Text("manager") == manager);
}
