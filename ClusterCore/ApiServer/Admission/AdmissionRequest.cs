using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

internal enum Operation { Create, Update, Delete, Connect }

internal static class Operations
{
    /// <summary>As webhooks and their rules spell it.</summary>
    public static string Name(this Operation operation) => operation switch
    {
        Operation.Create => "CREATE",
        Operation.Update => "UPDATE",
        Operation.Delete => "DELETE",
        _ => "CONNECT",
    };
}

/// <summary>A write on its way in.</summary>
/// <param name="Object">As wanted; null for a deletion. Mutating plugins change it in place.</param>
/// <param name="Old">As it is; null for a creation.</param>
internal sealed record AdmissionRequest(Scope Scope, Operation Operation, JsonObject? Object, JsonObject? Old)
{
    private Reinvocation? reinvocation;

    public string Namespace => Scope.Resource.Namespaced ? Scope.Request.Info.Namespace : "";

    public string Subresource => Scope.Request.Info.Subresource;

    public string Name => ObjectMeta.Name(Object ?? Old!) is { Length: > 0 } own ? own : Scope.Request.Info.Name;

    /// <summary>A deletion says so in its body too.</summary>
    public bool IsDryRun { get; init; } = Scope.Request.IsDryRun;

    /// <summary>How a deletion was asked for.</summary>
    public DeleteOptions? DeleteOptions { get; init; }

    /// <summary>Made when a webhook first needs it: most requests meet none.</summary>
    public Reinvocation Reinvocation => reinvocation ??= new();

    public bool WantsSecondRound => reinvocation?.IsWanted == true;

    /// <summary>The object is the resource's own, and no Scale, Binding or other view of it.</summary>
    public bool IsWholeObject => KindIn(Scope.Resource) == (Scope.Resource.Group, Scope.Resource.Version, Scope.Resource.Kind);

    /// <summary>What the object is, when its resource is shown in that version.</summary>
    public (string Group, string Version, string Kind) KindIn(ResourceInfo resource) => resource.Subresource(Subresource) switch
    {
        null => (resource.Group, resource.Version, resource.Kind),
        { Group: "", Version: "" } own => (resource.Group, resource.Version, own.Kind),
        var view => (view.Group, view.Version, view.Kind),
    };

    public bool Is(string group, string kind, string subresource = "") =>
        Scope.Resource.Group == group && Scope.Resource.Kind == kind && Subresource == subresource;
}
