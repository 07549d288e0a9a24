using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;

namespace Flotilla.ClusterCore.ApiServer.Admission;

internal enum Operation { Create, Update, Delete, Connect }

/// <summary>A write on its way in.</summary>
/// <param name="Object">As wanted; null for a deletion. Mutating plugins change it in place.</param>
/// <param name="Old">As it is; null for a creation.</param>
internal sealed record AdmissionRequest(Scope Scope, Operation Operation, JsonObject? Object, JsonObject? Old)
{
    public string Namespace => Scope.Resource.Namespaced ? Scope.Request.Info.Namespace : "";

    public string Subresource => Scope.Request.Info.Subresource;

    public bool Is(string group, string kind, string subresource = "") =>
        Scope.Resource.Group == group && Scope.Resource.Kind == kind && Subresource == subresource;
}

/// <summary>One rule of admission. It refuses with a <see cref="Statuses.StatusException"/>.</summary>
internal interface IAdmissionPlugin
{
    ValueTask MutateAsync(AdmissionRequest request) => ValueTask.CompletedTask;

    ValueTask ValidateAsync(AdmissionRequest request) => ValueTask.CompletedTask;
}

/// <summary>All plugins, in upstream's order: first every mutation, then, on the finished object, every validation.</summary>
internal sealed class AdmissionChain(IReadOnlyList<IAdmissionPlugin> plugins)
{
    public async ValueTask MutateAsync(AdmissionRequest request)
    {
        foreach (var plugin in plugins) { await plugin.MutateAsync(request); }
    }

    public async ValueTask ValidateAsync(AdmissionRequest request)
    {
        foreach (var plugin in plugins) { await plugin.ValidateAsync(request); }
    }
}
