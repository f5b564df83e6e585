login-title = Sign in
login-heading = Sign in
login-lead = With the admin token you manage everything; with your own key you see what is yours.
login-key = Admin token or API key
login-go = Sign in
login-wrong = This key opens nothing: it is wrong, switched off or expired.
login-too-often = Too many wrong keys came from your address. Try again in { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}.
login-demo = This is a demo. The key is “{ $word }”.
login-where = Where is my key?
login-where-admin = The admin token was printed when the program first started. On its machine, this prints it again:
login-where-user = Users get their keys from an administrator, on the page of the user.
login-trouble = Signing in cannot work yet
login-cookie-http = You came over plain HTTP, and cookies are set to travel over HTTPS only: your browser would not keep the login. Start Switchyard with this line in its environment:
login-cookie-lost-http = The key was right, but your browser did not keep the cookie, because it came over plain HTTP. Start Switchyard with this line in its environment:
login-cookie-https = Or put HTTPS in front of it and open the page over https://. API keys work either way.
login-cookie-lost = The key was right, but your browser did not send the cookie back. Start Switchyard with this line in its environment:
login-cookie-allow = Or allow cookies for this address in your browser.
login-not-allowed = This key is right, but it may not sign in here: it only sends requests, or its user is switched off or expired. An administrator can change that on the page of the user.
