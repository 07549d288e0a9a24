using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tests.Registry;

/// <summary>Namespaces, their finalizers and their end.</summary>
[Collection(ServerCollection.Name)]
public sealed class NamespaceTests(RunningServer server)
{
    [Fact]
    public async Task A_namespace_is_held_by_Kubernetes_beside_whoever_else_holds_it()
    {
        var held = await server.CreateAsync("/api/v1/namespaces?dryRun=All", """{"metadata":{"name":"born-held"},"spec":{"finalizers":["example.com/hold"]}}""");
        Assert.Equal(("example.com/hold", "kubernetes"), (held["spec.finalizers.0"], held["spec.finalizers.1"]));
        var refused = await server.CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"born-held"},"spec":{"finalizers":["mine"]}}""");
        Assert.Equal(
            (422, "Namespace \"born-held\" is invalid: spec.finalizers: Invalid value: \"mine\": name is neither a standard finalizer name nor is it fully qualified"),
            (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_namespace_goes_when_it_is_finalized()
    {
        await server.CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"going"}}""");
        var marked = await server.DeleteAsync("/api/v1/namespaces/going");
        Assert.Equal("Terminating", marked["status.phase"]);
        var refused = await server.CreateAsync("/api/v1/namespaces/going/configmaps", """{"metadata":{"name":"late"}}""");
        Assert.Equal((403, "NamespaceTerminating"), (refused.Code, refused["details.causes.0.reason"]));
        var left = marked.Json;
        left["spec"]!["finalizers"] = null;
        await server.UpdateAsync("/api/v1/namespaces/going/finalize", left.ToJsonString());
        Assert.Equal(404, (await server.GetAsync("/api/v1/namespaces/going")).Code);
    }

    [Fact]
    public async Task Finalizing_a_namespace_changes_its_finalizers_and_metadata_and_not_its_status()
    {
        var finalized = (await server.CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"kept"}}""")).Json;
        finalized["metadata"]!["labels"]!["team"] = "red";
        finalized["metadata"]!["uid"] = null;
        finalized["spec"]!["finalizers"] = new JsonArray("kubernetes", "example.com/hold");
        finalized["status"]!["phase"] = "Terminating";
        var kept = await server.UpdateAsync("/api/v1/namespaces/kept/finalize", finalized.ToJsonString());
        Assert.Equal((200, "red", "example.com/hold", "Active"), (kept.Code, kept["metadata.labels.team"], kept["spec.finalizers.1"], kept["status.phase"]));
        Assert.NotEqual("", kept["metadata.uid"]);
    }
}
