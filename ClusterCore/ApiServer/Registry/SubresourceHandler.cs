using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>The subresources that are views of their object: status, scale, binding, eviction, and their like.</summary>
internal sealed class SubresourceHandler(ResourceHandler objects)
{
    public Task HandleAsync(Scope scope)
    {
        var (request, resource) = (scope.Request, scope.Resource);
        if (resource.Subresource(request.Info.Subresource) is not { } subresource) { throw Refusal.PathNotFound(); }
        if (!subresource.Verbs.Contains(request.Info.Verb, StringComparer.Ordinal)) { throw Refusal.MethodNotAllowed(); }
        return request.Info.Subresource switch
        {
            "status" => StatusAsync(scope),
            _ => throw Refusal.PathNotFound(),
        };
    }

    private Task StatusAsync(Scope scope) => scope.Request.Info.Verb switch
    {
        "get" => objects.GetAsync(scope),
        "update" => objects.UpdateAsync(scope, (current, next) => Preparation.ForStatusUpdate(scope.Resource, current, next)),
        _ => objects.PatchAsync(scope, (current, next) => Preparation.ForStatusUpdate(scope.Resource, current, next)),
    };
}
