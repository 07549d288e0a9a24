using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Selection;

namespace Flotilla.ClusterCore.Controllers.Jobs;

/// <summary>Which pods are a job's: those its selector says, which the API server makes of the job's UID.</summary>
internal static class JobSelection
{
    public static IReadOnlyDictionary<string, string> Labels(Job job) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["batch.kubernetes.io/controller-uid"] = job.Metadata.Uid ?? "",
        ["batch.kubernetes.io/job-name"] = job.Metadata.Name,
        ["controller-uid"] = job.Metadata.Uid ?? "",
        ["job-name"] = job.Metadata.Name,
    };

    public static LabelSelectorSpec Selector(Job job) => job.Spec.Selector.IsEmpty()
        ? new() { MatchLabels = new Dictionary<string, string> { ["batch.kubernetes.io/controller-uid"] = job.Metadata.Uid ?? "" } }
        : job.Spec.Selector!;
}
