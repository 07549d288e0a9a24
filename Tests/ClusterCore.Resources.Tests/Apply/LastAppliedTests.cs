using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Tests.Apply;

/// <summary>kubectl's way from apply on the client's side to apply on the server's, and back.</summary>
public sealed class LastAppliedTests
{
    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
    private const string Web = """
        {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 3, selector: {matchLabels: {app: web}},
         template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: nginx}]}}}}
        """;

    private const string More = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, annotations: {note: 'a<b'}}, spec: {replicas: 5}}";
    private static readonly TypeSchema Deployment = ApiCatalog.Default.TypeOf("apps/v1", "Deployment")!;

    [Theory, InlineData("kubectl", 0), InlineData("helm", 1)]
    public void Kubectl_takes_over_what_it_applied_from_the_client(string manager, int conflicts) =>
        Assert.Equal(conflicts, Apply(Noted(), manager).Conflicts.Count);

    [Fact]
    public void What_somebody_has_changed_since_is_not_kubectls_any_more()
    {
        var live = Noted();
        var scaled = (JsonObject)live.DeepClone();
        scaled["spec"]!["replicas"] = 4;
        ServerSideApply.TrackUpdate(live, scaled, Deployment, Manager("scaler"));
        Assert.Equal([new ApplyConflict("\"scaler\" using apps/v1", ".spec.replicas")], Apply(scaled, "kubectl").Conflicts);
    }

    [Fact]
    public void A_note_of_another_version_allows_nothing() =>
        Assert.Single(Apply(Noted(Web.Replace("apps/v1", "extensions/v1beta1", StringComparison.Ordinal)), "kubectl").Conflicts);

    [Fact]
    public void The_note_tells_of_what_kubectl_applied_last()
    {
        Assert.Equal(
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"annotations":{"note":"a\u003cb"},"name":"web"},"spec":{"replicas":5}}""" + "\n",
            NoteOf(Apply(Noted(), "kubectl")));
    }

    [Fact]
    public void Others_leave_the_note_and_make_none()
    {
        Assert.Equal(NoteOf(Noted()), NoteOf(Apply(Noted(), "helm", force: true).Object!));
        Assert.Null(NoteOf(ServerSideApply.Apply(null, Trees.Yaml(More), Deployment, Manager("kubectl"), force: false)));
    }

    private static JsonObject Noted(string note = Web)
    {
        var live = JsonCodec.Conform(Trees.Yaml(Web), Deployment).Object!;
        live["metadata"]!["annotations"] = new JsonObject { [Annotation] = Trees.Yaml(note).ToJsonString() };
        ServerSideApply.TrackUpdate(null, live, Deployment, Manager("kubectl-client-side-apply"));
        return live;
    }

    private static ApplyResult Apply(JsonObject live, string manager, bool force = false) =>
        ServerSideApply.Apply(live, Trees.Yaml(More), Deployment, Manager(manager), force);

    private static string? NoteOf(ApplyResult result) => NoteOf(result.Object!);

    private static string? NoteOf(JsonObject obj) => obj["metadata"]!["annotations"]?[Annotation]?.GetValue<string>();

    private static FieldManager Manager(string name) => new(name, "apps/v1", "", new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero), ["status"]);
}
