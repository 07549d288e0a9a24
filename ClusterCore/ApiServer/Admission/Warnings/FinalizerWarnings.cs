using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Warnings;

/// <summary>Tells whoever gives a custom resource a finalizer that others could have called the same.</summary>
internal sealed class FinalizerWarnings : IAdmissionPlugin
{
    public ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (!request.Scope.Resource.IsCustom() || request.Operation is not (Operation.Create or Operation.Update) || request.Subresource.Length > 0 || request.Object is not { } obj)
        {
            return ValueTask.CompletedTask;
        }

        var added = ObjectMeta.Finalizers(obj).Except(request.Old is { } old ? ObjectMeta.Finalizers(old) : [], StringComparer.Ordinal);
        foreach (var name in added.Where(static name => !MetadataValidation.IsFinalizer(name)).Order(StringComparer.Ordinal))
        {
            request.Scope.Request.Warn(
                $"metadata.finalizers: {FieldError.Quote(name)}: prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers");
        }

        return ValueTask.CompletedTask;
    }
}
