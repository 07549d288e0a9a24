namespace Flotilla.Portal.Web.Components.Elements;

/// <summary>A state's colour: good, busy (goes on by itself), warn, bad, idle.</summary>
internal static class StateTone
{
    public static string Of(string state) => state switch
    {
        "ready" or "succeeded" or "delivered" or "active" or "Running" or "Succeeded" or "Available" or "Normal" => "good",
        "creating" or "scaling" or "repairing" or "waking" or "undeleting" or "hibernating" or "deleting" or "starting" or "stopping" => "busy",
        "running" or "pending" or "Pending" or "ContainerCreating" or "Progressing" => "busy",
        "degraded" or "lockedOut" or "notReady" or "undone" or "cordoned" or "Warning" or "Terminating" => "warn",
        "failed" or "lost" or "Failed" or "CrashLoopBackOff" or "ImagePullBackOff" or "ErrImagePull" or "Error" or "OOMKilled" => "bad",
        _ => "idle",
    };
}
