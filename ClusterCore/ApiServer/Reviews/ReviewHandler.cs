using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Reviews;

/// <summary>Questions in the form of objects that are answered and never stored.</summary>
internal sealed class ReviewHandler
{
    public static bool Handles(ResourceInfo resource) => resource.Group is "authorization.k8s.io" or "authentication.k8s.io";

    public Task HandleAsync(Scope scope) => throw Refusal.MethodNotAllowed();
}
