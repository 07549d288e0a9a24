using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Allocation;
using Flotilla.ClusterCore.ApiServer.Defaulting;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Defaults and validation by kind, and the addresses and ports a Service claims.</summary>
internal sealed class ObjectRules(ServiceAllocator services)
{
    public void Default(ResourceInfo resource, JsonObject obj) => ObjectDefaults.Apply(resource, obj);

    public void ValidateCreate(ResourceInfo resource, JsonObject obj) => Check(resource, obj, ObjectValidation.ValidateCreate(resource, obj));

    public void ValidateUpdate(ResourceInfo resource, string subresource, JsonObject current, JsonObject next) =>
        Check(resource, next, ObjectValidation.ValidateUpdate(resource, next, current, subresource));

    /// <summary>Claims are given back unless the write succeeds.</summary>
    public ServiceClaims Claim(Scope scope, JsonObject? current, JsonObject next) =>
        IsService(scope.Resource) ? services.Claim(current, next) : ServiceClaims.Nothing;

    public void Release(Scope scope, JsonObject last)
    {
        if (IsService(scope.Resource)) { services.Release(last); }
    }

    private static bool IsService(ResourceInfo resource) => resource is { Group: "", Kind: "Service" };

    private static void Check(ResourceInfo resource, JsonObject obj, IReadOnlyList<FieldError> errors)
    {
        if (errors.Count > 0) { throw Invalid(resource, ObjectMeta.Name(obj), errors); }
    }

    public static StatusException Invalid(ResourceInfo resource, string name, IReadOnlyList<FieldError> errors) =>
        Refusal.Invalid(resource.Group, resource.Kind, name, [.. errors.Select(error => new StatusCause(error.Reason, error.Body, error.Field))]);
}
