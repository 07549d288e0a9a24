using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Says what is wrong with an object after defaulting and admission, in upstream's words; nothing wrong: an empty list.</summary>
public static class ObjectValidation
{
    public static IReadOnlyList<FieldError> ValidateCreate(ResourceInfo resource, JsonObject obj)
    {
        var errors = new FieldErrors();
        MetadataValidation.Create(resource, obj, errors);
        KindValidation.Find(resource)?.Create(obj, errors);
        return errors.List;
    }

    /// <param name="old">The object as it is stored.</param>
    /// <param name="subresource">Which part the update is for: empty for the object itself, or status, scale, …</param>
    public static IReadOnlyList<FieldError> ValidateUpdate(ResourceInfo resource, JsonObject obj, JsonObject old, string subresource = "")
    {
        var errors = new FieldErrors();
        MetadataValidation.Update(resource, obj, old, errors);
        KindValidation.FindUpdate(resource, subresource)?.Invoke(obj, old, errors);
        return errors.List;
    }
}
