using Flotilla.ClusterCore.Client.Objects;
using Flotilla.Provisioner.Fleet.Alerts;

namespace Flotilla.Provisioner.Alerts.Rules;

/// <summary>
/// Pods that keep dying, cannot get their image, or find no node. Told once an hour per owner, for a hundred replicas fail
/// alike.
/// </summary>
public static class PodRules
{
    private static readonly TimeSpan UnschedulableAfter = TimeSpan.FromSeconds(60);

    public static IEnumerable<ClusterNews> Evaluate(Pod pod, DateTimeOffset now)
    {
        if (pod.Metadata.DeletionTimestamp is not null) { yield break; }
        foreach (var container in (pod.Status.InitContainerStatuses ?? []).Concat(pod.Status.ContainerStatuses ?? []))
        {
            if (Evaluate(pod, container, now) is { } news) { yield return news; }
        }
        var scheduled = pod.Status.Conditions?.FirstOrDefault(condition => condition.Type == "PodScheduled");
        if (scheduled is { Status: "False", Reason: "Unschedulable" } && now - scheduled.LastTransitionTime >= UnschedulableAfter)
        {
            yield return News(pod, "pods-waiting", "Unschedulable", now, "finds no node", scheduled.Message ?? "No node fits.");
        }
    }

    private static ClusterNews? Evaluate(Pod pod, ContainerStatus container, DateTimeOffset now) => container.State?.Waiting?.Reason switch
    {
        "CrashLoopBackOff" => News(
            pod, "pods-dying", "CrashLoopBackOff", now, "keeps dying",
            $"Container {container.Name} has died {container.RestartCount} times{LastWords(container)}."),
        "ImagePullBackOff" or "ErrImagePull" or "InvalidImageName" or "ErrImageNeverPull" => News(
            pod, "image-missing", "ImagePull", now, "cannot get its image",
            $"Container {container.Name}, image {container.Image}: {container.State.Waiting.Message ?? container.State.Waiting.Reason}"),
        "CreateContainerConfigError" or "CreateContainerError" or "RunContainerError" => News(
            pod, "pods-dying", "CannotStart", now, "cannot start",
            $"Container {container.Name}: {container.State.Waiting.Message ?? container.State.Waiting.Reason}"),
        _ => null,
    };

    private static string LastWords(ContainerStatus container) => container.LastState?.Terminated switch
    {
        null => "",
        { Reason: "OOMKilled" } => ", the last time for want of memory (OOMKilled)",
        { } terminated => $", the last time with exit code {terminated.ExitCode}",
    };

    private static ClusterNews News(Pod pod, string rule, string reason, DateTimeOffset now, string what, string text)
    {
        var owner = pod.Metadata.OwnerReferences?.FirstOrDefault(reference => reference.Controller == true);
        var hour = now.ToUnixTimeSeconds() / 3600;
        return ClusterNews.Of(
            "Pod", pod, rule, $"{owner?.Uid ?? pod.Metadata.Uid}/{reason}/{hour}", AlertSeverity.Warning,
            $"Pod {pod.Metadata.Name} {what}", $"{text} (namespace {pod.Metadata.Namespace}{(owner is null ? "" : $", {owner.Kind} {owner.Name}")})");
    }
}
