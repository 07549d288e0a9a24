using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Allocation;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.ApiServer.Defaulting;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Defaults and validation by kind, and the addresses and ports a Service claims.</summary>
internal sealed class ObjectRules(ServiceAllocator services)
{
    public void Default(Scope scope, JsonObject obj)
    {
        if (scope.Custom is { } custom) { SchemaDefaults.Apply(custom.Schema, obj); }
        else { ObjectDefaults.Apply(scope.Resource, obj); }
    }

    public void ValidateCreate(Scope scope, JsonObject obj) =>
        Check(scope.Resource, obj, [.. ObjectValidation.ValidateCreate(scope.Resource, obj), .. scope.Custom is { } custom ? CustomObjectValidation.Create(custom, obj) : []]);

    public void ValidateUpdate(Scope scope, JsonObject current, JsonObject next)
    {
        var subresource = scope.Request.Info.Subresource;
        Check(scope.Resource, next,
        [
            .. ObjectValidation.ValidateUpdate(scope.Resource, next, current, subresource),
            .. scope.Custom is { } custom ? CustomObjectValidation.Update(custom, next, current, subresource) : [],
        ]);
    }

    /// <summary>Claims are given back unless the write succeeds.</summary>
    public ValueTask<ServiceClaims> ClaimAsync(Scope scope, JsonObject? current, JsonObject next) => IsService(scope.Resource) && scope.Request.Info.Subresource.Length == 0
        ? services.ClaimAsync(current, next, scope.Request.IsDryRun, scope.Aborted)
        : ValueTask.FromResult(ServiceClaims.Nothing);

    public ValueTask ReleaseAsync(Scope scope, JsonObject last) => IsService(scope.Resource) ? services.ReleaseAsync(last) : ValueTask.CompletedTask;

    private static bool IsService(ResourceInfo resource) => resource is { Group: "", Kind: "Service" };

    private static void Check(ResourceInfo resource, JsonObject obj, IReadOnlyList<FieldError> errors)
    {
        if (errors.Count > 0) { throw Invalid(resource, ObjectMeta.Name(obj), errors); }
    }

    public static StatusException Invalid(ResourceInfo resource, string name, IReadOnlyList<FieldError> errors) =>
        Refusal.Invalid(resource.Group, resource.Kind, name, [.. errors.Select(error => new StatusCause(error.Reason, error.Body, error.Field))]);
}
